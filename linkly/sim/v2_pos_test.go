package sim_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
)

// flat is what a test reads of an event of v2; encoding/json ignores the case of its names.
type flat struct {
	ResponseType           string
	DisplayText            []string
	CancelKeyFlag          bool
	Type                   string
	TxnRef, RRN            string
	AmtPurchase            int64
	Success                bool
	ResponseCode           string
	PurchaseAnalysisData   map[string]string
	Catid, Caid            string
	NII, MaxSAF            int
	CashoutLimit           int64
	PinPadSerialNumber     string
	InputType, GraphicCode string
}

// sale2 is a proper purchase or refund as the v2 clients write it; change replaces pieces, old and new in turn.
func sale2(kind string, cents int64, ref string, change ...string) string {
	return strings.NewReplacer(change...).Replace(fmt.Sprintf(
		`{"request":{"posName":%q,"posVersion":%q,"posId":%q,"merchant":"00","application":"00","receiptAutoPrint":"0","cutReceipt":"0",`+
			`"txnType":%q,"AmtPurchase":%d,"AmtCash":0,"txnRef":%q,"currencyCode":"AUD","purchaseAnalysisData":{"OPR":"17|Dana K"}}}`,
		posName, posVer, posID, kind, cents, ref))
}

// other2 is a request that moves no money; members end with a comma.
func other2(members string) string {
	return fmt.Sprintf(`{"request":{%s"posName":%q,"posVersion":%q,"posId":%q}}`, members, posName, posVer, posID)
}

func (p *pos) post2(session, kind, body string) (int, string) {
	p.t.Helper()
	return p.send("POST", "/v2/sessions/"+session+"/"+kind, p.token, body)
}

// charge2 sends a purchase over v2 and expects it to be taken.
func (p *pos) charge2(cents int64) string {
	p.t.Helper()
	session := uuid.NewString()
	if status, _ := p.post2(session, "transaction", sale2("P", cents, newRef())); status != http.StatusOK {
		p.t.Fatalf("purchase: %d", status)
	}
	return session
}

// poll asks once for events.
func (p *pos) poll(session, all string) (int, []flat) {
	p.t.Helper()
	status, body := p.send("GET", "/v2/sessions/"+session+"/result?all="+all, p.token, "")
	return status, p.flats(status, body)
}

// lookup asks for transactions by a reference.
func (p *pos) lookup(reference, by string) (int, []flat) {
	p.t.Helper()
	status, body := p.send("GET", "/v2/transaction?reference="+reference+"&referenceType="+by, p.token, "")
	return status, p.flats(status, body)
}

func (p *pos) flats(status int, body string) []flat {
	p.t.Helper()
	var list []flat
	if status == http.StatusOK && strings.HasPrefix(body, "[") {
		if !json.Valid([]byte(body)) {
			p.t.Errorf("no JSON: %s", body)
		}
		_ = json.Unmarshal([]byte(body), &list) // odd shapes are read as far as they go
	}
	return list
}

// follow polls until an event of the kind has come, and returns everything on the way.
func (p *pos) follow(session, kind string) []flat {
	p.t.Helper()
	var events []flat
	for end := time.Now().Add(15 * time.Second); time.Now().Before(end); {
		status, news := p.poll(session, "false")
		events = append(events, news...)
		switch {
		case status != http.StatusOK && status != http.StatusTooEarly:
			p.t.Fatalf("poll: %d", status)
		case len(news) > 0 && news[len(news)-1].ResponseType == kind:
			return events
		}
	}
	p.t.Fatalf("no %s; got %q", kind, tale(events))
	return nil
}

// last is the final event of a conversation.
func last(events []flat) flat { return events[len(events)-1] }

// tale writes events like story writes callbacks.
func tale(events []flat) []string {
	var lines []string
	for _, e := range events {
		word := map[string]string{"receipt": e.Type, "transaction": e.ResponseCode}[e.ResponseType]
		if e.ResponseType == "display" {
			word = strings.TrimSpace(e.DisplayText[0])
		}
		lines = append(lines, e.ResponseType+" "+word)
	}
	return lines
}
