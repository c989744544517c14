package linkly

import (
	"context"
	"errors"
	"net/http"
	"strings"
)

// LogonResult is how a logon ended (reference linkly 5.6).
type LogonResult struct {
	Success                    bool
	ResponseCode, ResponseText string
	Version                    string // of the terminal's software
	CatID, CaID, STAN          string
	Date                       string
}

// StatusResult is what a terminal says of itself (reference linkly 5.5).
// A good status may carry code T0 or 00: look at Success.
type StatusResult struct {
	Success                    bool
	ResponseCode, ResponseText string
	LoggedOn                   bool
	SerialNumber, Version      string
	Hardware, TerminalType     string
	BankCode, Bank, Retailer   string
	CatID, CaID                string
	// CashoutLimit and RefundLimit are cents, nil if the terminal does not say.
	CashoutLimit, RefundLimit *int64
	Options                   Options
}

// Options are the functions that the bank has switched on.
type Options struct {
	Tipping, PreAuth, Completions, CashOut, Refund, Balance, Deposit, Voucher, MOTO, Training bool
}

type logonIn struct {
	Success                    verdict
	ResponseCode, ResponseText text
	PinPadVersion              text
	Catid, Caid, Stan, Date    text
}

type statusIn struct {
	Success                           verdict
	ResponseCode, ResponseText        text
	LoggedOn                          flag
	PinPadSerialNumber, PinPadVersion text
	HardwareSerial, EFTTerminalType   text
	BankCode, BankDescription         text
	RetailerName                      text
	Catid, Caid                       text
	CashoutLimit, RefundLimit         number
	OptionsFlags                      object[optionsIn]
}

type optionsIn struct {
	Tipping, PreAuth, Completions, CashOut, Refund, Balance, Deposit, Voucher, Moto, Training flag
}

func (in *logonIn) result() *LogonResult {
	success, ok := in.Success.said()
	if !ok {
		return nil
	}
	return &LogonResult{
		Success: success, ResponseCode: shown(in.ResponseCode), ResponseText: shown(in.ResponseText),
		Version: shown(in.PinPadVersion), STAN: shown(in.Stan), Date: moment(in.Date.trimmed()),
		CatID: reference(in.Catid, 8), CaID: reference(in.Caid, 15),
	}
}

func (in *statusIn) result() *StatusResult {
	success, ok := in.Success.said()
	if !ok {
		return nil
	}
	o := in.OptionsFlags.in
	return &StatusResult{
		Success: success, ResponseCode: shown(in.ResponseCode), ResponseText: shown(in.ResponseText),
		LoggedOn:     bool(in.LoggedOn),
		SerialNumber: reference(in.PinPadSerialNumber, 16), Version: shown(in.PinPadVersion),
		Hardware: reference(in.HardwareSerial, 16), TerminalType: shown(in.EFTTerminalType),
		BankCode: shown(in.BankCode), Bank: shown(in.BankDescription), Retailer: shown(in.RetailerName),
		CatID: reference(in.Catid, 8), CaID: reference(in.Caid, 15),
		CashoutLimit: in.CashoutLimit.ptr(), RefundLimit: in.RefundLimit.ptr(),
		Options: Options{
			Tipping: bool(o.Tipping), PreAuth: bool(o.PreAuth), Completions: bool(o.Completions),
			CashOut: bool(o.CashOut), Refund: bool(o.Refund), Balance: bool(o.Balance),
			Deposit: bool(o.Deposit), Voucher: bool(o.Voucher), MOTO: bool(o.Moto), Training: bool(o.Training),
		},
	}
}

type logonOut struct {
	Merchant, Application, ReceiptAutoPrint, CutReceipt, LogonType string
}

type statusOut struct {
	Merchant, Application, StatusType string
}

// Logon logs the terminal on to its bank and waits for the end, up to SyncTimeout.
// The session is new for this call. n may be empty; with it the displays come as
// callbacks meanwhile. ErrPending means accepted without a result. A result with
// Success false is no error. Reference linkly 5.6.
func (t *Terminal) Logon(ctx context.Context, session string, n Notify) (*LogonResult, error) {
	in, err := prove[logonIn](ctx, t, session, "logon", n,
		logonOut{Merchant: "00", Application: "00", ReceiptAutoPrint: "0", CutReceipt: "0", LogonType: " "})
	if err != nil {
		return nil, err
	}
	if r := in.result(); r != nil {
		return r, nil
	}
	return nil, silentAbout("logon")
}

// Status asks the terminal about itself and waits for the end, up to SyncTimeout.
// The session is new for this call; see Logon. Reference linkly 5.5.
func (t *Terminal) Status(ctx context.Context, session string, n Notify) (*StatusResult, error) {
	in, err := prove[statusIn](ctx, t, session, "status", n,
		statusOut{Merchant: "00", Application: "00", StatusType: "0"})
	if err != nil {
		return nil, err
	}
	if r := in.result(); r != nil {
		return r, nil
	}
	return nil, silentAbout("status")
}

func silentAbout(kind string) error {
	return &Error{
		Op: kind, Class: Unclear, Status: http.StatusOK,
		Err: errors.New("answer does not say whether it succeeded"),
	}
}

// prove makes one synchronous request of kind and reads the inside of its answer.
func prove[In, Out any](ctx context.Context, t *Terminal, session, kind string, n Notify, out Out) (*In, error) {
	if !uuidV4.MatchString(session) {
		return nil, refuse(kind, "session must be a hyphenated lower-case uuid v4")
	}
	where, err := n.out()
	if err != nil {
		return nil, refuse(kind, "%w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, t.client.cfg.SyncTimeout)
	defer cancel()

	q := t.call(kind, http.MethodPost, session, "/"+kind+"?async=false")
	q.body, q.fresh = encode(envelopeOut[Out]{Request: out, Notification: where}), true
	q.secrets = append(q.secrets, n.Authorization)
	rep, err := t.send(ctx, q)
	switch {
	case err != nil:
		return nil, err
	case rep.status == http.StatusAccepted:
		return nil, &Error{Op: kind, Class: Unclear, Status: rep.status, Err: ErrPending}
	case rep.status == http.StatusBadRequest:
		return nil, rep.failure(q, Refused)
	case rep.status != http.StatusOK || rep.bodyErr != nil:
		return nil, rep.failure(q, rep.class())
	}
	e, ok := open(rep.body)
	in, has := inside[In](rep.body)
	if !ok || !has || !strings.EqualFold(e.ResponseType.trimmed(), kind) ||
		!agrees(e.SessionID, func(s string) bool { return SameSession(s, session) }) {
		return nil, &Error{Op: kind, Class: Unclear, Status: rep.status, Err: errors.New("answer is not about this request")}
	}
	return in, nil
}
