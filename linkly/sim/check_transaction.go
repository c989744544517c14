package sim

import (
	"regexp"
	"strings"
)

// commonMembers are accepted in every request but status and sendkey.
func commonMembers(more ...string) []string {
	return append([]string{"Merchant", "Application", "ReceiptAutoPrint", "CutReceipt", "PurchaseAnalysisData"}, more...)
}

// read checks a body of any type against the field rules of reference linkly 5. r holds what the path and the query said.
func read(r request, body []byte, tok *token) (request, *checker) {
	c := &checker{v2: r.v2}
	o := c.envelope(&r, body)
	if o == nil {
		return r, c
	}
	if r.v2 {
		c.introduced(r.kind, o, body, tok)
	}

	switch r.kind {
	case "transaction":
		c.transaction(&r, o, tok)
	case "sendkey":
		c.sendkey(&r, o)
	default:
		c.other(&r, o)
	}
	return r, c
}

// sendkey wants the key as a string: numbers and names of keys were seen in the wild (reference linkly 5.11).
func (c *checker) sendkey(r *request, o object) {
	c.known(o, "sendkey", "Key", "Data")
	r.sub = c.letter(o, "Key", "", "0123")
	r.data = c.text(o, "Data", "", 0, 60)
	if r.sub == "" && !c.refused() {
		c.refuse("key", "Key is missing")
	}
}

// other reads the requests that move no money (reference linkly 5.5 to 5.10). Each has one letter of its own.
func (c *checker) other(r *request, o object) {
	c.common(r, o)
	switch r.kind {
	case "status":
		c.known(o, r.kind, "Merchant", "Application", "StatusType")
		r.sub = c.letter(o, "StatusType", "0", "012345")
	case "logon":
		c.known(o, r.kind, commonMembers("LogonType")...)
		r.sub = c.letter(o, "LogonType", " ", " 145678")
	case "settlement":
		c.known(o, r.kind, commonMembers("SettlementType", "ResetTotals")...)
		r.sub = c.letter(o, "SettlementType", "S", "SPLUHIMFD")
		if c.flag(o, "ResetTotals") && r.sub != "H" {
			c.refuse("reset-totals", "ResetTotals goes only with SettlementType H")
		}
	case "querycard":
		c.known(o, r.kind, commonMembers("QueryCardType")...)
		r.sub = c.letter(o, "QueryCardType", "0", "01578")
	case "configuremerchant":
		c.known(o, r.kind, commonMembers("CatId", "CaId")...)
		r.catID, r.caID = c.text(o, "CatId", "", 1, 8), c.text(o, "CaId", "", 1, 15)
		if r.catID == "" || r.caID == "" {
			c.refuse("configuremerchant", "CatId and CaId are both required")
		}
	case "reprintreceipt":
		c.known(o, r.kind, commonMembers("ReprintType", "OriginalTxnRef")...)
		r.sub = c.letter(o, "ReprintType", "2", "12")
		r.originalRef = strings.TrimSpace(c.text(o, "OriginalTxnRef", "", 0, 32))
	}
}

var (
	plainRef = regexp.MustCompile(`^[0-9A-Z]+$`)
	currency = regexp.MustCompile(`^[A-Z]{3}$`)
	expiry   = regexp.MustCompile(`^(0[1-9]|1[0-2])[0-9][0-9]$`)
)

// transaction reads a payment, refund or follow-up (reference linkly 5.1). All findings are collected rather than
// the first, so that one look at the list shows everything that is wrong with a client.
func (c *checker) transaction(r *request, o object, tok *token) {
	c.common(r, o)
	c.known(o, "transaction", commonMembers("TxnType", "TxnRef", "AmtPurchase", "AmtCash", "CurrencyCode", "OriginalTxnType",
		"Date", "Time", "TrainingMode", "EnableTip", "AuthCode", "PanSource", "Pan", "DateExpiry", "Track2", "AccountType",
		"RRN", "CVV", "TotalPurchaseCount", "Basket")...)

	r.txnType = c.letter(o, "TxnType", "", "PCRDINAEUQOL ")
	if r.txnType == "" || r.txnType == " " {
		c.refuse("txntype", "TxnType is missing")
	}
	// Padding with spaces is allowed: the service itself pads what it echoes.
	r.txnRef = strings.TrimRight(c.text(o, "TxnRef", "", 0, 64), " ")
	c.reference(r.txnRef)

	r.purchase, r.cash = c.cents(o, "AmtPurchase"), c.cents(o, "AmtCash")
	c.amounts(r)

	r.currency = c.text(o, "CurrencyCode", "AUD", 3, 3)
	if !currency.MatchString(r.currency) {
		c.refuse("currency", "CurrencyCode %q is not three capitals", r.currency)
	}
	r.tips = c.flag(o, "EnableTip")
	c.flag(o, "TrainingMode")
	c.card(r, o)
	c.purchaseTags(r, tok)
	c.extras(r)
}

// reference checks the reference: at most 16 characters in v1, as accreditation 1.6 wants, and 32 of any sort in v2.
func (c *checker) reference(ref string) {
	most := 16
	if c.v2 {
		most = 32
	}
	switch {
	case ref == "":
		c.refuse("txnref", "TxnRef is missing")
	case len(ref) > most:
		c.refuse("txnref-length", "TxnRef has %d characters, at most %d are allowed", len(ref), most)
	case !c.v2 && !plainRef.MatchString(ref):
		c.note("txnref-characters", "TxnRef %q has characters other than 0-9 and A-Z", ref)
	}
}

// amounts holds the amounts against the type. A zero purchase would be an account check, which is a pre-
// authorisation.
func (c *checker) amounts(r *request) {
	switch r.txnType {
	case "P", "R", "I", "U", "O", "L":
		if r.purchase < 1 {
			c.refuse("amount", "TxnType %s needs AmtPurchase of at least 1", r.txnType)
		}
	case "C":
		if r.cash < 1 {
			c.refuse("amount", "TxnType C needs AmtCash of at least 1")
		}
	}
	if r.cash > 0 && !strings.Contains("PCD", r.txnType) {
		c.refuse("amount", "AmtCash does not go with TxnType %s", r.txnType)
	}
}

// card checks what a POS may say about a card that it did not read itself.
func (c *checker) card(r *request, o object) {
	r.panSource = c.letter(o, "PanSource", " ", " KS012345")
	c.letter(o, "AccountType", " ", " 123")
	pan, track := c.padded(o, "Pan", 20), c.padded(o, "Track2", 40)
	date := c.text(o, "DateExpiry", "", 4, 4)
	c.text(o, "RRN", "", 0, 12)
	c.whole(o, "AuthCode", 999_999)
	c.whole(o, "CVV", 9999)
	c.whole(o, "TotalPurchaseCount", 999)
	if _, err := o.object("Basket"); err != nil {
		c.refuse("type", "Basket must be an object")
	}

	if strings.TrimSpace(date) != "" && !expiry.MatchString(date) {
		c.refuse("expiry", "DateExpiry is not MMYY")
	}
	if r.panSource == "K" && (strings.TrimSpace(pan) == "" || strings.TrimSpace(date) == "") {
		c.refuse("pan-source", "PanSource K needs Pan and DateExpiry")
	}
	if r.panSource == "S" && strings.TrimSpace(track) == "" {
		c.refuse("pan-source", "PanSource S needs Track2")
	}
	// Card-not-present needs the asynchronous mode (reference linkly 4).
	if strings.Contains("012", r.panSource) && !r.async {
		c.refuse("moto-sync", "a card-not-present sale is possible only with async=true")
	}
}

// purchaseTags checks the tags of accreditation 1.0.1 and of follow-ups.
func (c *checker) purchaseTags(r *request, tok *token) {
	if r.txnType == "P" {
		c.mustEqual("NME", r.pad["NME"], tok.posName)
		c.mustEqual("VER", r.pad["VER"], tok.posVersion)
		c.mustEqual("VND", normal(r.pad["VND"]), normal(tok.posVendorID))
	}
	switch {
	case r.txnType == "R" && r.pad["RFN"] == "" && !tok.pairing.terminal.cfg.UnmatchedRefunds:
		c.note("refund-rfn", "a refund needs the RFN of its purchase")
	case r.txnType != "" && strings.Contains("EUQOL", r.txnType) && r.pad["RFN"] == "":
		c.refuse("rfn", "TxnType %s needs PAD RFN", r.txnType)
	case r.txnType == "N" && r.pad["RFN"] == "" && r.pad["PAI"] == "":
		c.refuse("rfn", "TxnType N needs PAD RFN or PAI")
	case len(r.pad["RFN"]) > 128:
		c.refuse("rfn", "PAD RFN has more than 128 characters")
	}
	c.tagForms(r)
}

// mustEqual compares a PAD tag of a purchase with what the token was asked for with. It only notes: the sandbox
// lets such sales through, and accreditation does not. A v2 body names its sender by itself and may leave the tags out.
func (c *checker) mustEqual(tag, got, want string) {
	if got == "" && c.v2 {
		return
	}
	if got == "" {
		c.note("pad-"+strings.ToLower(tag), "a purchase needs PAD %s", tag)
	} else if got != want {
		c.note("pad-"+strings.ToLower(tag), "PAD %s %q differs from the token's %q", tag, got, want)
	}
}

var (
	digits   = regexp.MustCompile(`^[0-9]{1,9}$`)
	operator = regexp.MustCompile(`^[^|]+\|[^|]+$`)
	tipRates = regexp.MustCompile(`^\[[0-9]{2}(,[0-9]{2}){0,2}\]$`)
)

// tagForms checks the written form of the tags that a POS sends (reference linkly 5.2).
func (c *checker) tagForms(r *request) {
	form := func(tag, what string, ok func(string) bool) {
		if v, sent := r.pad[tag]; sent && !ok(v) {
			c.note("pad-"+strings.ToLower(tag), "PAD %s %q is not %s", tag, v, what)
		}
	}
	form("AMT", "an amount in cents", digits.MatchString)
	form("TIP", "an amount in cents", digits.MatchString)
	form("OPR", "id|name", operator.MatchString)
	form("UID", "a UUID", func(v string) bool { return uuidForm.MatchString(normal(v)) })
}
