package sim

import "fmt"

// optionsFlags says what the bank has enabled on the terminal (reference linkly 5.5).
type optionsFlags struct {
	Tipping, PreAuth, Completions, CashOut, Refund, Balance, Deposit, Voucher, Moto, AutoCompletion,
	EFB, EMV, Training, Withdrawal, Transfer, StartCash bool
}

// statusResponse is the answer to a status request (reference linkly 5.5). Figures about a device that does not
// exist are zero.
type statusResponse struct {
	Merchant, AIIC                            string
	NII                                       int
	Catid, Caid                               string
	Timeout                                   int
	LoggedOn                                  bool
	PinPadSerialNumber, PinPadVersion         string
	BankCode, BankDescription, KVC            string
	SAFCount                                  int
	NetworkType, HardwareSerial, RetailerName string
	OptionsFlags                              optionsFlags
	SAFCreditLimit, SAFDebitLimit, MaxSAF     int
	KeyHandlingScheme                         string
	CashoutLimit, RefundLimit                 int64
	CPATVersion, NameTableVersion             string
	TerminalCommsType                         string
	CardMisreadCount                          int
	TotalMemoryInTerminal                     int
	FreeMemoryInTerminal                      int
	EFTTerminalType                           string
	NumAppsInTerminal, NumLinesOnDisplay      int
	HardwareInceptionDate                     *string
	verdict
}

// statusBody describes the terminal. Texts are padded to their fixed widths.
func (k *talk) statusBody(cfg TerminalConfig, v verdict) statusResponse {
	return statusResponse{
		Merchant: k.ses.req.merchant, AIIC: "00000560279", NII: 0, Catid: cfg.CatID, Caid: cfg.CaID, Timeout: 45,
		LoggedOn: v.Success, PinPadSerialNumber: fmt.Sprintf("%-16s", cfg.Serial), PinPadVersion: fmt.Sprintf("%-16s", "SIM 1.0"),
		BankCode: "S", BankDescription: fmt.Sprintf("%-32s", "SIMULATED BANK"), KVC: "    ", NetworkType: "1",
		HardwareSerial: cfg.Serial, RetailerName: cfg.Merchant,
		OptionsFlags: optionsFlags{
			Tipping: cfg.Tipping, CashOut: cfg.CashoutLimit > 0, Refund: !cfg.NoRefunds, EMV: true, Moto: cfg.MOTO, Training: true,
		},
		KeyHandlingScheme: "2", CashoutLimit: cfg.CashoutLimit, RefundLimit: cfg.RefundLimit, TerminalCommsType: "0",
		EFTTerminalType: "PCEFTPOSVirtualPinpad", NumAppsInTerminal: 1, NumLinesOnDisplay: 2, verdict: v,
	}
}
