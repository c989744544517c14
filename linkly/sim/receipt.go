package sim

import (
	"fmt"
	"strings"
)

// columns is the width of a receipt.
const columns = 24

// centre puts a text in the middle of the paper and cuts what does not fit.
func centre(s string) string {
	if len(s) >= columns {
		return s[:columns]
	}
	return strings.Repeat(" ", (columns-len(s))/2) + s
}

// row puts a label left and a value right.
func row(label, value string) string {
	return label + strings.Repeat(" ", max(1, columns-len(label)-len(value))) + value
}

// letterhead opens every receipt. It says twice that this is no real payment: receipts get printed and lie around.
func (k *talk) letterhead(cfg TerminalConfig, title string) []string {
	return []string{
		centre(strings.ToUpper(cfg.Merchant)), centre("SIMULATOR"), centre("NO MONEY MOVES"), strings.Repeat("-", columns),
		centre(title), row("TERMINAL", cfg.CatID), row("DATE/TIME", k.s.cfg.Now().Format("02Jan06 15:04")),
	}
}

// slip writes the receipt of a transaction. With sign it is the merchant's copy with the signature line, before the result.
func (k *talk) slip(sl *sale, copyOf string, sign bool) []string {
	req := k.ses.req
	lines := k.letterhead(sl.cfg, map[string]string{"C": "CUSTOMER COPY", "M": "MERCHANT COPY"}[copyOf])
	lines = append(
		lines, row("CARD", sl.card.Scheme), row("", sl.card.Masked),
		row("ENTRY", strings.ToUpper(string(sl.entry))), row("ACCOUNT", accountName(sl.account)), "",
	)
	lines = append(lines, k.sums(sl)...)

	// The slip goes out before the result is known (IsPrePrint), so it has no code yet.
	if sign {
		return append(lines, "", centre("SIGN BELOW"), "", "", "X"+strings.Repeat("_", columns-1), "")
	}
	lines = append(lines, row("STAN", fmt.Sprintf("%06d", sl.stan)), row("REF", req.txnRef), "",
		centre(strings.TrimSpace(sl.verdict.ResponseText)+" "+sl.verdict.ResponseCode))
	if sl.verdict.ResponseCode == "08" && copyOf == "M" {
		lines = append(lines, centre("SIGNATURE VERIFIED"))
	}
	return lines
}

// sums lists the parts and the total: before the bank's decision those asked for, afterwards those that moved.
func (k *talk) sums(sl *sale) []string {
	req := k.ses.req
	word := map[string]string{"R": "REFUND", "C": "CASH OUT"}[req.txnType]
	if word == "" {
		word = "PURCHASE"
	}
	goods, total := req.purchase, req.purchase+req.cash
	if sl.verdict.Success {
		goods, total = sl.goods, sl.total()
	}

	lines := []string{row(word, money(goods))}
	for _, part := range []struct {
		word  string
		cents int64
	}{{"CASH OUT", sl.cash}, {"SURCHARGE", sl.surcharge}, {"TIP", sl.tip}} {
		if part.cents > 0 && part.word != word {
			lines = append(lines, row(part.word, money(part.cents)))
		}
	}
	return append(lines, row("TOTAL "+req.currency, money(total)))
}

// accountName spells AccountType out (reference linkly 5.1).
func accountName(letter string) string {
	return map[string]string{"1": "CHEQUE", "2": "CREDIT", "3": "SAVINGS"}[letter]
}

// remember keeps the customer's copy for a reprint.
func (k *talk) remember() {
	for _, r := range k.receipts {
		if r.Type != "C" {
			continue
		}
		k.s.mu.Lock()
		k.t.printed = append(k.t.printed, printed{k.ses.req.txnRef, r.ReceiptText})
		k.s.mu.Unlock()
	}
}

// printed is a receipt that can be printed again.
type printed struct {
	txnRef string
	lines  []string
}
