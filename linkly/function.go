package linkly

import (
	"context"
	"strings"
)

// SettlementType is which totals are asked for (reference linkly 5.7). Only
// Settle changes anything, and only it is universal.
type SettlementType string

// The settlement types that we send.
const (
	Settle    SettlementType = "S" // closes the bank's day, once
	PreSettle SettlementType = "P" // what a settlement would say
	Totals    SettlementType = "U" // what was taken since the last one
)

// SettlementResult is how a settlement, or a look at its totals, ended. Its
// fixed-width data follows no layout that can be relied on (reference linkly
// 5.7): the receipt is for people, and no decision about money is taken from it.
type SettlementResult struct {
	Success                    bool
	ResponseCode, ResponseText string // 97: settled already today
	Data                       string
}

// ReprintResult is the last receipt, as the terminal gives it back.
type ReprintResult struct {
	Success                    bool
	ResponseCode, ResponseText string // E2: there is none
	Receipt                    Receipt
}

type settlementIn struct {
	Success                    verdict
	ResponseCode, ResponseText text
	SettlementData             text
}

func (in *settlementIn) result() *SettlementResult {
	success, ok := in.Success.said()
	if !ok {
		return nil
	}
	return &SettlementResult{
		Success: success, ResponseCode: shown(in.ResponseCode), ResponseText: shown(in.ResponseText),
		Data: withoutControl(in.SettlementData.trimmed()),
	}
}

type reprintIn struct {
	Success                    verdict
	ResponseCode, ResponseText text
	ReceiptText                lines
}

func (in *reprintIn) result() *ReprintResult {
	success, ok := in.Success.said()
	if !ok {
		return nil
	}
	r := receiptIn{ReceiptText: in.ReceiptText}.receipt()
	r.Type = "C"
	return &ReprintResult{
		Success: success, ResponseCode: shown(in.ResponseCode), ResponseText: shown(in.ResponseText), Receipt: r,
	}
}

type settlementOut struct {
	Merchant, Application, ReceiptAutoPrint, CutReceipt, SettlementType string
}

type reprintOut struct {
	Merchant, Application, ReceiptAutoPrint, CutReceipt, ReprintType string
}

// Settle runs a settlement or a look at its totals and waits for the end, up to
// SyncTimeout. The session is new for this call; see Logon. A settlement has no
// question afterwards: after an Unclear error only a callback, or the code 97 of
// another one, tells whether it happened. Reference linkly 5.4, 5.7.
func (t *Terminal) Settle(ctx context.Context, session string, kind SettlementType, n Notify) (*SettlementResult, error) {
	if kind == "" || !strings.Contains("SPU", string(kind)) {
		return nil, refuse("settlement", "unknown settlement type")
	}
	in, err := prove[settlementIn](ctx, t, session, "settlement", n, settlementOut{
		Merchant: "00", Application: "00", ReceiptAutoPrint: "0", CutReceipt: "0", SettlementType: string(kind),
	})
	if err != nil {
		return nil, err
	}
	if r := in.result(); r != nil {
		return r, nil
	}
	return nil, silentAbout("settlement")
}

// Reprint asks for the last receipt, returned to us and not printed. The session
// is new for this call and not the sale's. Reference linkly 5.10.
func (t *Terminal) Reprint(ctx context.Context, session string, n Notify) (*ReprintResult, error) {
	in, err := prove[reprintIn](ctx, t, session, "reprintreceipt", n, reprintOut{
		Merchant: "00", Application: "00", ReceiptAutoPrint: "0", CutReceipt: "0", ReprintType: "2",
	})
	if err != nil {
		return nil, err
	}
	if r := in.result(); r != nil {
		return r, nil
	}
	return nil, silentAbout("reprintreceipt")
}
