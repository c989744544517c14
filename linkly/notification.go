package linkly

import (
	"regexp"
	"strings"
)

// Notification is one callback. At most one of the pointers is set, by Type.
// Callbacks may be lost, doubled, late and out of order (reference linkly 6).
type Notification struct {
	// Session is hyphenated and in lower case, "" when the body has none. The
	// caller must compare it with the payment's before using anything else.
	Session string
	// Type is display, receipt, transaction, logon, status, settlement,
	// reprintreceipt, or another word of Linkly's, for which nothing is decoded.
	Type string

	Display *Display
	Receipt *Receipt
	// Result, Logon, Status and the like are nil when the body does not say explicitly
	// whether it succeeded: then the callback only rings.
	Result *Result
	Logon  *LogonResult
	Status *StatusResult

	Settlement *SettlementResult
	Reprint    *ReprintResult
}

var eventType = regexp.MustCompile(`^[a-z]{1,32}$`)

// ParseNotification reads the body of a callback that came to a path ending in pathType.
// The body's own type goes before the path's, which may still be the literal
// placeholder. Every error is an ErrBadNotification and names the field; none
// quotes the body. The caller bounds the size of body.
func ParseNotification(pathType string, body []byte) (Notification, error) {
	e, ok := open(body)
	if !ok {
		return Notification{}, &BadNotification{"body", "not a json object"}
	}
	n := Notification{Session: canonical(e.SessionID.value)}
	if e.SessionID.clash || (n.Session == "" && e.SessionID.trimmed() != "") {
		return Notification{}, &BadNotification{"SessionId", "not a session id"}
	}
	n.Type = strings.ToLower(e.ResponseType.trimmed())
	if n.Type == "" {
		n.Type = strings.ToLower(strings.TrimSpace(pathType))
	}
	if e.ResponseType.clash || !eventType.MatchString(n.Type) {
		return Notification{}, &BadNotification{"ResponseType", "missing or not a word"}
	}
	if !n.read(body, e.SessionID) {
		return Notification{}, &BadNotification{"Response", "missing or not an object"}
	}
	return n, nil
}

// read decodes the inside by type; false when it should be there and is not.
func (n *Notification) read(body []byte, session text) bool {
	switch n.Type {
	case "display":
		in, ok := inside[displayIn](body)
		if ok {
			n.Display = in.display()
		}
		return ok
	case "receipt":
		in, ok := inside[receiptIn](body)
		if ok {
			r := in.receipt()
			n.Receipt = &r
		}
		return ok
	case "transaction":
		in, ok := inside[transactionIn](body)
		if ok {
			if success, said := in.Success.said(); said {
				n.Result = in.result(session, success)
			}
		}
		return ok
	case "logon":
		in, ok := inside[logonIn](body)
		if ok {
			n.Logon = in.result()
		}
		return ok
	case "status":
		in, ok := inside[statusIn](body)
		if ok {
			n.Status = in.result()
		}
		return ok
	case "settlement":
		in, ok := inside[settlementIn](body)
		if ok {
			n.Settlement = in.result()
		}
		return ok
	case "reprintreceipt":
		in, ok := inside[reprintIn](body)
		if ok {
			n.Reprint = in.result()
		}
		return ok
	}
	return true
}
