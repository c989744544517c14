package payments

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var redraw = flag.Bool("update", false, "draw STATES.md anew")

func TestStatesFileIsCurrent(t *testing.T) {
	t.Parallel()
	const file = "STATES.md"
	want := drawStates(t)
	if *redraw {
		if err := os.WriteFile(file, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, string(got)); d != "" {
		t.Errorf("STATES.md is stale, run `make states`:\n%s", d)
	}
}

func drawStates(t *testing.T) string {
	t.Helper()
	words := sentences(t)
	var b strings.Builder
	b.WriteString(`# The states of a payment

Drawn from the table in state.go by ` + "`make states`" + `; do not edit.
An outcome is *proven* when our own question confirmed it, or when nothing was ever sent. Only what is not proven may
still be overtaken.

## States

`)
	for _, s := range States() {
		fmt.Fprintf(&b, "- **%s**: %s.\n", s, words[string(s)])
	}
	b.WriteString("\n## Events\n\n")
	for _, e := range Events() {
		fmt.Fprintf(&b, "- **%s**: %s.\n", e, words[string(e)])
	}
	b.WriteString("\n## The way through\n\nEvents that leave a payment as it is are left out; the table below has them.\n\n")
	drawDiagram(&b)
	b.WriteString("\n## Every cell\n\nA dash is a refusal: nothing changes. A word after a bang is the alert that is raised.\n\n")
	drawTable(&b)
	return b.String()
}

func drawDiagram(b *strings.Builder) {
	b.WriteString("```mermaid\nstateDiagram-v2\n")
	for _, s := range standings() {
		fmt.Fprintf(b, "    state \"%s\" as %s\n", s.label(), s.node())
	}
	b.WriteString("    [*] --> created\n")
	for _, from := range standings() {
		for _, to := range standings() {
			var by []string
			for _, e := range Events() {
				if m, ok := table()[from][e]; ok && to != from && destination(from, e, m.To) == to {
					by = append(by, string(e))
				}
			}
			if len(by) > 0 {
				fmt.Fprintf(b, "    %s --> %s : %s\n", from.node(), to.node(), strings.Join(by, ", "))
			}
		}
	}
	b.WriteString("```\n")
}

// destination is the standing in which a move to the state ends.
func destination(from standing, e Event, to State) standing {
	proven := to.Final() && (from.State == Created || e.found() || from.Proven)
	return standing{State: to, Proven: proven}
}

func drawTable(b *strings.Builder) {
	b.WriteString("| event |")
	for _, s := range standings() {
		b.WriteString(" " + s.label() + " |")
	}
	b.WriteString("\n|" + strings.Repeat(" --- |", len(standings())+1) + "\n")
	for _, e := range Events() {
		fmt.Fprintf(b, "| %s |", e)
		for _, s := range standings() {
			m, ok := table()[s][e]
			switch {
			case !ok:
				b.WriteString(" - |")
			case m.Alert != "":
				fmt.Fprintf(b, " %s !%s |", m.To, m.Alert)
			default:
				fmt.Fprintf(b, " %s |", m.To)
			}
		}
		b.WriteString("\n")
	}
}

func (s standing) label() string {
	if s.Proven {
		return string(s.State) + ", proven"
	}
	return string(s.State)
}

func (s standing) node() string {
	if s.Proven {
		return string(s.State) + "_proven"
	}
	return string(s.State)
}

// sentences reads what state.go says about each state and event, beside the
// constant, so that the words stand in one place.
func sentences(t *testing.T) map[string]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "state.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	words := map[string]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		if lit, ok := spec.Values[0].(*ast.BasicLit); ok {
			value, err := strconv.Unquote(lit.Value)
			if err == nil {
				words[value] = strings.TrimSpace(spec.Comment.Text())
			}
		}
		return true
	})
	for _, s := range States() {
		if words[string(s)] == "" {
			t.Errorf("state.go does not say what %s means", s)
		}
	}
	for _, e := range Events() {
		if words[string(e)] == "" {
			t.Errorf("state.go does not say what %s means", e)
		}
	}
	return words
}
