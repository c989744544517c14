// Package kayaaku speaks to Kayaaku POS (MyXaaS, Finexus Group): a merchant's
// Android device that takes cards through an mPOS reader and shows QR codes.
//
// There are two ways to it, and they carry the same field set:
//
//   - the cable: a till sends a message over a serial line and waits for the
//     answer (reference kayaaku 1.3 to 1.6). Finexus publishes the fields but
//     nothing below them: no port settings, no frame, no check. So the frame is
//     a [Codec], chosen by name, and the default is an assumption (5.4) that
//     must be confirmed with Finexus before live money.
//   - the host: the older of Finexus' two HTTPS interfaces, `thirdparty`, with
//     signed JSON ([Host]; 2.1). It also answers the status enquiry, which is
//     the only way to learn what became of a sale whose answer was lost.
//
// # What proves a payment
//
// [Codes.Judge] is the one place that reads an outcome. A payment is approved
// only when the answer carries the approving RespCd, the same TxnID and a host
// reference (AuthIdResp of a card; HTR or RRN of a QR payment). ResultCode is
// never looked at: Finexus equates it with Android's activity result, where 0
// means cancelled and is also what a crash leaves behind (1.4). What is not
// clearly paid and not clearly refused is [Unknown], and stays so until the
// host or a person says otherwise; no code is known that would mean "there was
// no such transaction", so absence is never proven by asking (4.4).
//
// # What this package leaves to others
//
// It sends nothing by itself twice, keeps nothing, and knows neither the till's
// program (package till) nor the payment's states.
package kayaaku
