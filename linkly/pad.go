package linkly

import (
	"bytes"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// The lengths that no source states are our own, and generous (only RFN's 128
// characters are known, reference linkly 5.2).
const (
	maxOperator = 64
	maxRFN      = 128
	maxExtra    = 999
)

var (
	saleID    = regexp.MustCompile(`^[0-9a-f]{32}$`)
	matrix    = regexp.MustCompile(`^([0-9]{4}|[0-9]{8})$`)
	extraTag  = regexp.MustCompile(`^[A-Z][A-Z0-9]{2}$`)
	fixedTags = regexp.MustCompile(`^(OPR|AMT|PCM|NME|VER|VND|UID|RFN|TPO|TIP|SC2)$`)
)

// PAD is the purchase analysis data of a transaction (reference linkly 5.2).
// NME, VER and VND are not here: the client fills them from its Config.
type PAD struct {
	// OPR is the operator as "id|name"; see Operator. It is cleaned and cut to 64
	// characters rather than refused.
	OPR string
	// AMT is the total of the whole sale in cents; 0 means this tender alone.
	AMT int64
	// UID is the UUID of the sale, the same in all its tenders; hyphens are dropped.
	UID string
	// RFN is what the purchase's Result carried: required for a refund, empty else.
	RFN string
	// PCM is the capability matrix of the POS, 4 or 8 digits; empty means "0000".
	PCM string
	// TipChoices are the whole percents that the terminal offers when EnableTip is
	// set (TPO), at most three; TIP is a tip in cents that is fixed already.
	TipChoices []int
	TIP        int64
	// Surcharge are the rules by which the terminal adds a surcharge (SC2).
	Surcharge []SurchargeRule
	// Extra holds further tags, three upper-case characters each.
	Extra map[string]string
}

// Operator writes the OPR tag; a bar inside id or name becomes a blank.
func Operator(id, name string) string {
	return unbarred(id) + "|" + unbarred(name)
}

func unbarred(s string) string {
	return strings.Join(strings.Fields(withoutControl(strings.ReplaceAll(s, "|", " "))), " ")
}

// operator cleans an OPR value: the first bar separates, others do not belong.
func operator(opr string) string {
	id, name, found := strings.Cut(opr, "|")
	if !found {
		return cut(unbarred(id), maxOperator)
	}
	return cut(Operator(id, name), maxOperator)
}

func cut(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return strings.TrimSpace(string(r[:most]))
	}
	return s
}

// withoutControl replaces control characters and broken UTF-8 by blanks.
func withoutControl(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, " "))
}

// tags checks the PAD of tx and lays it out in the documented order.
func (cfg Config) tags(tx Transaction) (orderedTags, error) {
	p := tx.PAD
	uid := strings.ToLower(strings.ReplaceAll(p.UID, "-", ""))
	switch {
	case uid != "" && !saleID.MatchString(uid):
		return nil, fmt.Errorf("UID must be a uuid")
	case p.PCM != "" && !matrix.MatchString(p.PCM):
		return nil, fmt.Errorf("PCM must be 4 or 8 digits")
	case p.AMT < 0 || p.AMT > maxAmount:
		return nil, fmt.Errorf("AMT must be 0 to %d cents", maxAmount)
	case len(p.RFN) > maxRFN || p.RFN != withoutControl(p.RFN):
		return nil, fmt.Errorf("RFN must be at most %d printable characters", maxRFN)
	}
	total, pcm := p.AMT, p.PCM
	if total == 0 {
		total = tx.AmtPurchase + tx.AmtCash
	}
	if pcm == "" {
		pcm = "0000"
	}
	surcharge, err := surchargeTag(p.Surcharge)
	if err != nil {
		return nil, err
	}
	choices, tip, err := tipTags(tx)
	if err != nil {
		return nil, err
	}
	out := orderedTags{
		{"OPR", operator(p.OPR)},
		{"AMT", strconv.FormatInt(total, 10)},
		{"PCM", pcm},
		{"NME", cfg.POSName},
		{"VER", cfg.POSVersion},
		{"VND", cfg.POSVendorID},
		{"UID", uid},
		{"RFN", p.RFN},
		{"TPO", choices},
		{"TIP", tip},
		{"SC2", surcharge},
	}
	for _, k := range slices.Sorted(maps.Keys(p.Extra)) {
		if !extraTag.MatchString(k) || fixedTags.MatchString(k) {
			return nil, fmt.Errorf("extra tag must be three upper-case characters and not a fixed one")
		}
		v := p.Extra[k]
		if len(v) > maxExtra || v != withoutControl(v) {
			return nil, fmt.Errorf("%s must be at most %d printable characters", k, maxExtra)
		}
		out = append(out, tag{k, v})
	}
	return slices.DeleteFunc(out, func(t tag) bool { return t.value == "" }), nil
}

type tag struct{ name, value string }

// orderedTags is a JSON object whose members keep their order; all values are strings.
type orderedTags []tag

// MarshalJSON writes the members in order.
func (o orderedTags) MarshalJSON() ([]byte, error) {
	b := bytes.NewBufferString("{")
	for i, t := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(b, "%q:%s", t.name, encode(t.value))
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}
