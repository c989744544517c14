package linkly

import "strings"

// Display is what the terminal shows now; each replaces the one before completely.
// Only the keys that are true may be offered (reference linkly 7). The texts are
// the bank's: show them, never act on them.
type Display struct {
	// Lines are trimmed on the right; an empty line keeps its place.
	Lines []string
	// Padded are the same lines as they came, for a screen of fixed width.
	Padded []string

	Cancel, OK, Yes, No, Authorise bool

	// Input is what AUTH sends along: none, text, amount, decimal, password,
	// supervisor, char, barcode (or keyed), barcode-only.
	Input string
	// Graphic is processing, verify, question, card, account, pin, finished or "".
	Graphic string
}

type displayIn struct {
	DisplayText                        lines
	CancelKeyFlag, OKKeyFlag           flag
	AcceptYesKeyFlag, DeclineNoKeyFlag flag
	AuthoriseKeyFlag                   flag
	InputType, GraphicCode             text
}

func (in *displayIn) display() *Display {
	d := &Display{
		Cancel: bool(in.CancelKeyFlag), OK: bool(in.OKKeyFlag),
		Yes: bool(in.AcceptYesKeyFlag), No: bool(in.DeclineNoKeyFlag),
		Authorise: bool(in.AuthoriseKeyFlag),
		Input:     input(in.InputType.trimmed()),
		Graphic:   graphic(in.GraphicCode.trimmed()),
	}
	for _, line := range in.DisplayText {
		line = mask(withoutControl(line))
		d.Padded = append(d.Padded, line)
		d.Lines = append(d.Lines, strings.TrimRight(line, " "))
	}
	return d
}

// input maps InputType; a code that nobody documents still wants something typed.
func input(code string) string {
	switch code {
	case "", "0":
		return "none"
	case "2":
		return "amount"
	case "3":
		return "decimal"
	case "4":
		return "password"
	case "5":
		return "supervisor"
	case "6":
		return "char"
	case "7":
		return "barcode"
	case "8":
		return "barcode-only"
	}
	return "text"
}

func graphic(code string) string {
	switch code {
	case "0":
		return "processing"
	case "1":
		return "verify"
	case "2":
		return "question"
	case "3":
		return "card"
	case "4":
		return "account"
	case "5":
		return "pin"
	case "6":
		return "finished"
	}
	return ""
}
