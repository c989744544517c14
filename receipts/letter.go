package receipts

import (
	"fmt"
	"html/template"
	"strings"
	"time"

	"receivepayment/payments"
	"receivepayment/words"
)

// Letter is what a mail program shows: the slip with a sentence above it, as
// text and in fixed pitch. It says nothing of the card that the slip does not.
type Letter struct {
	ID                   string // names the message: the same one again is the same message
	To                   string
	Subject, Plain, HTML string
	Date                 time.Time
}

// write makes the letter for one mailing in the portal's language.
func write(w *words.Voice, p payments.Payment, m payments.Mailing, slip string) Letter {
	about, subject := w.T("This is the receipt of your card payment for %s.", p.DocumentTitle), w.T("Receipt: %s", p.DocumentTitle)
	switch {
	case p.Kind == payments.Refund:
		about, subject = w.T("This is the receipt of the refund for %s.", p.DocumentTitle), w.T("Receipt of a refund: %s", p.DocumentTitle)
	case p.State != payments.Approved:
		about = w.T("This is what the terminal printed for %s. Nothing was charged.", p.DocumentTitle)
	}
	slip = strings.TrimRight(slip, " \n")
	return Letter{
		ID: m.ID, To: m.Address, Date: m.CreatedAt, Subject: strings.Join(strings.Fields(subject), " "),
		Plain: about + "\n\n" + slip + "\n", HTML: page(w, about, slip),
	}
}

// page shows the slip in fixed pitch: its columns are made of spaces.
func page(w *words.Voice, about, slip string) string {
	return fmt.Sprintf(`<!DOCTYPE html><html lang=%q dir=%q><body><p>%s</p><pre dir="ltr" style="font-family:monospace;white-space:pre">%s</pre></body></html>`,
		w.Code(), w.Dir(), template.HTMLEscapeString(about), template.HTMLEscapeString(slip))
}
