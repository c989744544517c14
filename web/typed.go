package web

import (
	"strings"

	"github.com/labstack/echo/v4"

	"receivepayment/payments"
	"receivepayment/words"
)

// typeAmounts reads the amounts of a form as people type them in their
// language and in the form's currency: 1.234,50 is 1234.50 in German, and
// Arabic digits are digits. Programs send plain decimals. Its error is that the
// form cannot be read: a form is read once, and the binder would not hear of it
// any more.
func typeAmounts(c echo.Context) error {
	if err := c.Request().ParseForm(); err != nil {
		return err
	}
	w, currency := voiceOf(c), c.Request().Form.Get("currency")
	for _, field := range []string{"amount", "tip", "cashOut", "expectedOutstanding"} {
		for i, text := range c.Request().PostForm[field] {
			c.Request().PostForm[field][i] = typedIn(w, currency, text)
		}
		for i, text := range c.Request().Form[field] {
			c.Request().Form[field][i] = typedIn(w, currency, text)
		}
	}
	return nil
}

// typedIn is an amount as it was typed in a language, as a plain decimal. What
// cannot be read in the currency is left for the refusal, which names the
// field.
func typedIn(w *words.Voice, currency, text string) string {
	m, err := payments.ReadMoney(text, currency, w.MoneyLocale(currency))
	if err != nil {
		return typed(text)
	}
	return m.String()
}

// typed is an amount as it was typed, with a point and plain digits. A comma
// before more than two digits may be one between thousands: it stays, and the
// amount is refused rather than guessed.
func typed(text string) string {
	text = words.Latin(strings.TrimSpace(text))
	whole, part, found := strings.Cut(text, ",")
	if !found || len(part) > 2 || strings.ContainsAny(whole+part, ".,") {
		return text
	}
	return whole + "." + part
}
