package pairing

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/bojanz/currency"

	"receivepayment/payments"
)

// Credentials are what gives a secret: the provider's user name, password and
// the code that the terminal shows, or an existing secret. They are used once
// and never stored.
type Credentials struct {
	Username, Password, PairCode string
	Secret                       string
	// CodeAt is when the code was first typed, zero when nobody says: it tells an
	// expired code from a wrong one, which Linkly does not.
	CodeAt time.Time
}

// NewTerminal is what an administrator enters.
type NewTerminal struct {
	Name        string
	Provider    string
	Environment string
	Currency    string
	Credentials
	Kayaaku KayaakuSettings // of a Kayaaku device
}

// The environments of Linkly (reference linkly 1).
const (
	Sandbox    = "sandbox"
	Production = "production"
)

// LinklyProvider is the provider's name in rows and in the JSON face.
const LinklyProvider = "linkly"

func (n NewTerminal) checked() (NewTerminal, error) {
	var err error
	if n.Name, err = checkName(n.Name); err != nil {
		return n, err
	}
	if n.Provider == "" {
		n.Provider = LinklyProvider
	}
	if n.Provider == payments.PracticeProvider {
		return n.checkedPractice()
	}
	if n.Provider != LinklyProvider && n.Provider != KayaakuProvider {
		return n, payments.Invalid("provider", "Choose linkly, kayaaku or practice.")
	}
	if n.Environment == "" {
		n.Environment = Production
	}
	if n.Environment != Sandbox && n.Environment != Production {
		return n, payments.Invalid("environment", "Choose sandbox or production.")
	}
	if n.Provider == KayaakuProvider {
		return n.checkedKayaaku()
	}
	if n.Currency == "" {
		n.Currency = "AUD" // Linkly's home; the wizard proposes the portal's own
	}
	n.Currency = strings.ToUpper(n.Currency)
	if !currency.IsValid(n.Currency) {
		return n, payments.Invalid("currency", "This is no ISO currency code.")
	}
	return n, n.check()
}

func (c Credentials) check() error {
	if c.Secret != "" {
		return checkText("secret", c.Secret, 4096)
	}
	for _, f := range []struct{ field, value string }{
		{"username", c.Username}, {"password", c.Password}, {"pairCode", c.PairCode},
	} {
		if err := checkText(f.field, f.value, 200); err != nil {
			return err
		}
	}
	return nil
}

func checkText(field, value string, most int) error {
	switch {
	case strings.TrimSpace(value) == "":
		return payments.Invalid(field, "Fill this in.")
	case len(value) > most:
		return payments.Invalid(field, "This is too long.")
	case strings.ContainsFunc(value, unicode.IsControl):
		return payments.Invalid(field, "This holds characters that cannot be typed.")
	}
	return nil
}

func checkName(name string) (string, error) {
	name = strings.TrimSpace(name)
	if err := checkText("name", name, 200); err != nil {
		return name, err
	}
	if utf8.RuneCountInString(name) > 60 {
		return name, payments.Invalid("name", "Use at most 60 characters.")
	}
	return name, nil
}

func checkUsers(users []string) error {
	if len(users) > 500 {
		return payments.Invalid("users", "Choose at most 500 people.")
	}
	for _, u := range users {
		if u == "" || len(u) > 20 || strings.Trim(u, "0123456789") != "" {
			return payments.Invalid("users", "A user id is a number.")
		}
	}
	return nil
}
