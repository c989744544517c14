package pairing

import (
	"context"
	"slices"

	"receivepayment/bitrix"
	"receivepayment/words"
)

// placements are the places where staff find us; those that the portal does
// not offer are left out. There is neither a toolbar nor a list menu for orders
// (reference bitrix24 4.2).
func placements() []string {
	return []string{
		"CRM_DEAL_DETAIL_TAB", "CRM_DEAL_DETAIL_TOOLBAR", "CRM_DEAL_LIST_MENU",
		"CRM_SMART_INVOICE_DETAIL_TAB", "CRM_SMART_INVOICE_DETAIL_TOOLBAR", "CRM_SMART_INVOICE_LIST_MENU",
		"CRM_ORDER_DETAIL_TAB", "CRM_ORDER_DETAIL_ACTIVITY", "REST_APP_URI",
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
	right := map[string]int{}
	for _, b := range bound {
		if s.isRight(b) {
			right[b.Code]++
		}
	}
	for _, b := range bound {
		if s.isRight(b) && right[b.Code] == 1 {
			continue
		}
		if err := api.UnbindPlacement(ctx, b.Code, b.Handler); err != nil {
			return err
		}
		if b.Handler == s.Handler {
			right[b.Code] = 0 // the twins share the address, and went with it
		}
	}
	for _, code := range placements() {
		if right[code] == 1 || !slices.Contains(offered, code) {
			continue
		}
		if err := api.BindPlacement(ctx, placementOf(code, s.Handler)); err != nil {
			return err
		}
	}
	return nil
}

// isRight reports whether a binding is what we would make ourselves.
func (s *Portals) isRight(b bitrix.Placement) bool {
	want := placementOf(b.Code, s.Handler)
	return slices.Contains(placements(), b.Code) && b.Handler == want.Handler && b.Title == want.Title
}

func placementOf(code, handler string) bitrix.Placement {
	lang := map[string]bitrix.PlacementText{}
	described := words.Everywhere("Take card payments on a terminal")
	for l, title := range titles {
		lang[l] = bitrix.PlacementText{Title: title, Description: described[l]}
	}
	return bitrix.Placement{
		Code: code, Handler: handler, Title: titles["en"],
		Description: "Take card payments on a terminal", Lang: lang,
	}
}

// titles name our page in every language of Bitrix24 (reference bitrix24 12.5).
var titles = map[string]string{
	"en": "Receive Payment", "ar": "استلام دفعة", "br": "Receber pagamento", "de": "Zahlung annehmen",
	"fr": "Encaisser un paiement", "hi": "भुगतान प्राप्त करें", "id": "Terima pembayaran", "it": "Incassa pagamento",
	"ja": "支払いを受け取る", "kz": "Төлем қабылдау", "la": "Recibir pago", "ms": "Terima bayaran", "pl": "Przyjmij płatność",
	"ru": "Принять оплату", "sc": "收款", "tc": "收款", "th": "รับชำระเงิน", "tr": "Ödeme al", "ua": "Прийняти оплату",
	"vn": "Nhận thanh toán",
}
