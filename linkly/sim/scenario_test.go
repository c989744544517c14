package sim_test

import (
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"receivepayment/linkly/sim"
)

// promises holds, for each scenario, the proof of its sentence.
func promises() map[string]func(*pos) {
	return map[string]func(*pos){
		"cut_before":              neverRuns(0),
		"answer_lost":             runsAnyway(0),
		"late_arrival":            arrivesLate,
		"timeout_not_started":     neverRuns(408),
		"timeout_started":         runsAnyway(408),
		"error_not_started":       neverRuns(500),
		"error_started":           runsAnyway(500),
		"unavailable_not_started": neverRuns(503),
		"unavailable_started":     runsAnyway(503),
		"token_refused":           repeats(401, 202),
		"repeat_refused":          repeats(401, 409),
		"token_dies":              losesItsToken,
		"forbidden":               neverRuns(403),
		"rate_limited":            neverRuns(429),
		"redirected":              repeats(307, 202),

		"status_denied":       isAsked(404, 404, 404),
		"status_invalid":      isAsked(400, 400, 400),
		"status_unauthorised": isAsked(401, 401),
		"status_timeout":      isAsked(408, 408, 408),
		"status_errors":       isAsked(500, 500, 503, 503),
		"status_cut":          isAsked(0, 0, 0),
		"status_empty":        isAsked(200, 200, 200),
		"status_html":         isAsked(200, 200, 200),
		"result_forgotten":    isForgotten,
		"odd_shapes":          looksOdd,
		"poll_answer_lost":    losesEvents,

		"callbacks_lost":       staysQuiet("00"),
		"callbacks_doubled":    tells(doubled(tapStory())...),
		"callbacks_reordered":  tells("display PROCESSING", "display PRESENT CARD", "receipt M", "receipt C", "transaction 00", "display APPROVED"),
		"callbacks_late":       comesLate,
		"callback_first":       comesFirst,
		"callback_contradicts": tells(append(tapStory(), "transaction 05")...),
		"callbacks_foreign":    hasForeignHeaders,
		"callback_forged":      isForged,
		"declined_quietly":     staysQuiet("51"),

		"busy":                   ends("BY"),
		"offline":                ends("PF"),
		"silent":                 isSilent,
		"paired_again":           isPairedAgain(200),
		"paired_again_forgotten": isPairedAgain(404),
		"key_lost":               losesAKey(200),
		"key_fails":              losesAKey(500),

		"signature":      isSigned,
		"display_lies":   lies,
		"system_error":   waitsForOK,
		"partial":        approvesHalf,
		"surcharge":      addsASurcharge,
		"amount_missing": says(nil),
		"amount_zero":    says(cents(0)),
		"amount_larger":  says(cents(1100)),
	}
}

// ordinary sells once more and checks that nothing is special about it.
func (p *pos) ordinary() {
	p.t.Helper()
	p.term.Auto(sim.AutoConfig{})
	session := p.charge(2000)
	if diff := cmp.Diff(tapStory(), story(p.hears(session, len(tapStory())))); diff != "" {
		p.t.Errorf("the next sale (-want +got):\n%s", diff)
	}
	if status, e := p.ask(session); status != http.StatusOK || !e.Response.Success || *e.Response.AmtPurchase != 2000 {
		p.t.Errorf("the next sale: %d %+v", status, e.Response)
	}
}

func TestEveryScenarioDoesWhatItsSentenceSaysAndOnlyOnce(t *testing.T) {
	t.Parallel()
	proofs := promises()
	for _, sc := range sim.Scenarios() {
		proof := proofs[sc.Name]
		if proof == nil {
			t.Errorf("%s: nothing proves that %q", sc.Name, sc.Sentence)
			continue
		}
		delete(proofs, sc.Name)
		t.Run(sc.Name, func(t *testing.T) {
			t.Parallel()
			p := start(t, func(c *sim.Config) {
				c.Timing.LateArrival, c.Timing.CallbackDelay = 300*time.Millisecond, 300*time.Millisecond
			})
			p.term.Auto(sim.AutoConfig{})
			sc.Setup(p.term)
			proof(p)
			p.ordinary()
			p.clean()
		})
	}
	for name := range proofs {
		t.Errorf("%s is no scenario", name)
	}
}

func TestScenariosAreNamedOnceSpokenPlainlyAndDocumented(t *testing.T) {
	t.Parallel()
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	words := strings.FieldsFunc(string(doc), func(r rune) bool { return r != '_' && (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	seen := map[string]bool{}
	for _, sc := range sim.Scenarios() {
		if seen[sc.Name] || sc.Group == "" || !strings.HasSuffix(sc.Sentence, ".") {
			t.Errorf("%+v", sc)
		}
		seen[sc.Name] = true
		if !slices.Contains(words, sc.Name) {
			t.Errorf("doc.go does not name %s", sc.Name)
		}
		if found, ok := sim.ScenarioNamed(sc.Name); !ok || found.Sentence != sc.Sentence {
			t.Errorf("%s is not found by its name", sc.Name)
		}
	}
	if _, ok := sim.ScenarioNamed("meteor"); ok {
		t.Error("a scenario that does not exist was found")
	}
}
