package pairing

import (
	"context"
	"slices"

	"receivepayment/bitrix"
	"receivepayment/words"
)

// entryPoint is one entry of ours in the portal. One code takes several, as long as
// their addresses differ (reference bitrix24 4.1).
type entryPoint struct {
	code string
	do   string // what whoever opens it wants to do, as [Visit] says it; empty: take a payment
}

// entryPoints are where staff find us; those that the portal does not offer are
// left out. There is neither a toolbar nor a list menu for orders (reference
// bitrix24 4.2).
func entryPoints() []entryPoint {
	return []entryPoint{
		{code: "CRM_DEAL_DETAIL_TAB"},
		{code: "CRM_DEAL_DETAIL_TOOLBAR"},
		{code: "CRM_DEAL_LIST_MENU"},
		{code: "CRM_SMART_INVOICE_DETAIL_TAB"},
		{code: "CRM_SMART_INVOICE_DETAIL_TOOLBAR"},
		{code: "CRM_SMART_INVOICE_LIST_MENU"},
		{code: "CRM_SMART_INVOICE_LIST_MENU", do: "refund"},
		{code: "CRM_ORDER_DETAIL_TAB"},
		{code: "CRM_ORDER_DETAIL_ACTIVITY"},
		{code: "REST_APP_URI"},
	}
}

// bindPlacements puts our page into each of our places once. What is bound
// there under an earlier address, an earlier title or twice is unbound first,
// and so is what we no longer use.
func (s *Portals) bindPlacements(ctx context.Context, api *bitrix.Portal, _ *Portal) error {
	offered, err := api.Placements(ctx)
	if err != nil {
		return err
	}
	bound, err := api.PlacementBindings(ctx)
	if err != nil {
		return err
	}
	type entry struct{ code, handler string }
	there := map[entry]int{}
	for _, b := range bound {
		there[entry{b.Code, b.Handler}]++
	}
	right := map[entry]bool{}
	for _, b := range bound {
		if e := (entry{b.Code, b.Handler}); s.isRight(b) && there[e] == 1 {
			right[e] = true
			continue
		}
		// Twins share the address, and go together.
		if err := api.UnbindPlacement(ctx, b.Code, b.Handler); err != nil {
			return err
		}
	}
	for _, p := range entryPoints() {
		want := s.placementOf(p)
		if right[entry{want.Code, want.Handler}] || !slices.Contains(offered, p.code) {
			continue
		}
		if err := api.BindPlacement(ctx, want); err != nil {
			return err
		}
	}
	return nil
}

// isRight reports whether a binding is what we would make ourselves.
func (s *Portals) isRight(b bitrix.Placement) bool {
	return slices.ContainsFunc(entryPoints(), func(p entryPoint) bool {
		want := s.placementOf(p)
		return b.Code == want.Code && b.Handler == want.Handler && b.Title == want.Title
	})
}

func (s *Portals) placementOf(p entryPoint) bitrix.Placement {
	out := bitrix.Placement{Code: p.code, Handler: s.Handler, Lang: map[string]bitrix.PlacementText{}}
	names, about := titles, words.Key("Take card payments on a terminal")
	if p.do != "" {
		out.Handler += "?do=" + p.do
		names, about = refundTitles, "Give money back to the card it came from"
	}
	out.Title, out.Description = names["en"], string(about)
	described := words.Everywhere(about)
	for l, title := range names {
		out.Lang[l] = bitrix.PlacementText{Title: title, Description: described[l]}
	}
	return out
}

// titles name our page in every language of Bitrix24 (reference bitrix24 12.5).
var titles = map[string]string{
	"en": "Receive Payment", "ar": "استلام دفعة", "br": "Receber pagamento", "de": "Zahlung annehmen",
	"fr": "Encaisser un paiement", "hi": "भुगतान प्राप्त करें", "id": "Terima pembayaran", "it": "Incassa pagamento",
	"ja": "支払いを受け取る", "kz": "Төлем қабылдау", "la": "Recibir pago", "ms": "Terima bayaran", "pl": "Przyjmij płatność",
	"ru": "Принять оплату", "sc": "收款", "tc": "收款", "th": "รับชำระเงิน", "tr": "Ödeme al", "ua": "Прийняти оплату",
	"vn": "Nhận thanh toán",
}

// refundTitles name the entry that opens the refund of an invoice.
var refundTitles = map[string]string{
	"en": "Refund card payment", "ar": "رد دفعة البطاقة", "br": "Estornar pagamento", "de": "Kartenzahlung erstatten",
	"fr": "Rembourser le paiement", "hi": "कार्ड भुगतान लौटाएँ", "id": "Kembalikan pembayaran", "it": "Rimborsa il pagamento",
	"ja": "カード払いを返金", "kz": "Төлемді қайтару", "la": "Reembolsar el pago", "ms": "Bayar balik kad", "pl": "Zwróć płatność",
	"ru": "Вернуть оплату", "sc": "退还刷卡付款", "tc": "退還刷卡付款", "th": "คืนเงินเข้าบัตร", "tr": "Ödemeyi iade et", "ua": "Повернути оплату",
	"vn": "Hoàn tiền thẻ",
}
