package payments

import (
	"testing"
	"time"

	"receivepayment/db"
	"receivepayment/internal/testkit"
)

func TestPurchaseIsApprovedAndRefunded(t *testing.T) {
	t.Parallel()
	testkit.EachDatabase(t, func(t *testing.T, d *db.DB) {
		h := newHeart(t, d)
		p := h.start()
		h.wantState(p, Created)

		p = h.step(p.ID)
		h.wantState(p, Sent)
		if p.SentAt == nil || p.BeginOverAt == nil || !p.Seen {
			t.Fatalf("the accepted payment lacks its marks: %+v", p)
		}

		h.must(h.Receive(t.Context(), p, Message{Display: &Display{Lines: []string{"SWIPE CARD", ""}, Keys: []Key{KeyCancel}}}))
		p = h.get(p.ID)
		if !p.Display.Allows(KeyCancel) || p.Display.Lines[0] != "SWIPE CARD" {
			t.Fatalf("the display is not shown: %+v", p.Display)
		}

		h.bank.answers(approval(18700), nil)
		h.must(h.Receive(t.Context(), p, Message{Result: approved(18700)}))
		p = h.run(p.ID, time.Second)
		h.wantState(p, Approved)
		if p.Source != Asked || p.ConfirmedAt == nil || p.Collected() != 18700 || p.DueAt != nil {
			t.Fatalf("the approval is not proven: %+v", p)
		}
		det := h.detail(p.ID)
		if len(det.WriteBacks) != 5 || det.Refundable != 18700 {
			t.Fatalf("write-backs %d, refundable %d", len(det.WriteBacks), det.Refundable)
		}

		r, err := h.StartRefund(t.Context(), RefundOrder{
			PortalID: "portal", RequestID: "r2", Purchase: p.ID, Amount: Money{18700, "AUD"},
			Terminal: order("").Terminal, Reason: "returned", By: mere,
		})
		h.must(err)
		r = h.step(r.ID)
		r = h.step(r.ID)
		h.wantState(r, Approved)
		if r.Link != "6241003188420001" {
			t.Errorf("the refund is not linked: %q", r.Link)
		}
		if left := h.detail(p.ID).Refundable; left != 0 {
			t.Errorf("still refundable: %d", left)
		}
	})
}
