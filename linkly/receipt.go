package linkly

import "strings"

// Receipt is one slip as the terminal laid it out (reference linkly 8).
type Receipt struct {
	// Type is C customer, M merchant, L logon, S settlement or another letter.
	Type string
	// Text holds the lines joined by "\n" with their spacing. In it every run of
	// thirteen or more digits is masked to its last four, star for digit.
	Text string
	// PrePrint marks a copy issued before the result is known.
	PrePrint bool
}

type receiptIn struct {
	Type        text
	ReceiptText lines
	IsPrePrint  flag
}

func (in receiptIn) receipt() Receipt {
	text := make([]string, 0, len(in.ReceiptText))
	for _, line := range in.ReceiptText {
		text = append(text, maskCards(withoutControl(strings.TrimRight(line, "\r\n"))))
	}
	return Receipt{Type: shown(in.Type), Text: strings.Join(text, "\n"), PrePrint: bool(in.IsPrePrint)}
}
