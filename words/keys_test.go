package words_test

import (
	"encoding/json"
	"flag"
	"go/ast"
	"go/constant"
	"go/types"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"text/template/parse"

	"golang.org/x/tools/go/packages"

	"receivepayment/words"
)

var update = flag.Bool("update", false, "write what is missing into locale/*.json, and take away what nobody says any more")

// everyKey reads the sentences out of the program: constants of the type
// words.Key in the code, and the first argument of T in the templates.
var everyKey = sync.OnceValues(func() ([]words.Key, error) {
	found := map[words.Key]bool{}
	if err := keysOfCode(found); err != nil {
		return nil, err
	}
	if err := keysOfTemplates(found); err != nil {
		return nil, err
	}
	return slices.Sorted(maps.Keys(found)), nil
})

func keysOfCode(found map[words.Key]bool) error {
	// Types of what is imported come from the build's own cache; bodies are
	// checked in our packages only.
	pkgs, err := packages.Load(&packages.Config{
		Mode: packages.NeedName | packages.NeedSyntax | packages.NeedTypes | packages.NeedTypesInfo | packages.NeedFiles |
			packages.NeedImports | packages.NeedExportFile, Dir: "..", BuildFlags: buildFlags,
	}, "./access", "./audit", "./invoices", "./mirror", "./notices", "./pairing", "./payments", "./receipts", "./web", "./words")
	if err != nil {
		return err
	}
	for _, p := range pkgs {
		for _, e := range p.Errors {
			return e
		}
		for _, file := range p.Syntax {
			ast.Inspect(file, func(n ast.Node) bool {
				expr, ok := n.(ast.Expr)
				if !ok {
					return true
				}
				t, known := p.TypesInfo.Types[expr]
				if !known || t.Value == nil || t.Value.Kind() != constant.String || !isKey(t.Type) {
					return true
				}
				if text := constant.StringVal(t.Value); text != "" {
					found[words.Key(text)] = true
				}
				return false // the parts of a constant are no sentences
			})
		}
	}
	return nil
}

func sorted(forms map[words.Key]words.Form) []words.Key { return slices.Sorted(maps.Keys(forms)) }

func isKey(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	return ok && named.Obj().Name() == "Key" && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == "receivepayment/words"
}

func keysOfTemplates(found map[words.Key]bool) error {
	files, err := filepath.Glob("../web/templates/*.html")
	if err != nil {
		return err
	}
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		t := parse.New(filepath.Base(name))
		t.Mode = parse.SkipFuncCheck
		trees := map[string]*parse.Tree{}
		if _, err := t.Parse(string(raw), "", "", trees); err != nil {
			return err
		}
		for _, tree := range trees {
			walk(tree.Root, found)
		}
	}
	return nil
}

// walk finds each command T "…", wherever it stands.
func walk(n parse.Node, found map[words.Key]bool) {
	switch n := n.(type) {
	case *parse.ListNode:
		if n != nil {
			for _, one := range n.Nodes {
				walk(one, found)
			}
		}
	case *parse.ActionNode:
		walk(n.Pipe, found)
	case *parse.TemplateNode:
		walk(n.Pipe, found)
	case *parse.IfNode:
		walkBranch(n.BranchNode, found)
	case *parse.WithNode:
		walkBranch(n.BranchNode, found)
	case *parse.RangeNode:
		walkBranch(n.BranchNode, found)
	case *parse.PipeNode:
		if n != nil {
			for _, c := range n.Cmds {
				walk(c, found)
			}
		}
	case *parse.CommandNode:
		walkCommand(n, found)
	}
}

func walkBranch(n parse.BranchNode, found map[words.Key]bool) {
	walk(n.Pipe, found)
	walk(n.List, found)
	walk(n.ElseList, found)
}

func walkCommand(n *parse.CommandNode, found map[words.Key]bool) {
	if name, ok := n.Args[0].(*parse.IdentifierNode); ok && name.Ident == "T" && len(n.Args) > 1 {
		if text, ok := n.Args[1].(*parse.StringNode); ok {
			found[words.Key(text.Text)] = true
		}
	}
	for _, a := range n.Args {
		walk(a, found)
	}
}

// TestEverySentenceIsInEveryLanguage lists what is missing or left over. With
// -update it writes the missing keys, empty, and takes away what is left over.
func TestEverySentenceIsInEveryLanguage(t *testing.T) {
	if testing.Short() {
		t.Skip("reads the types of the whole program")
	}
	keys, err := everyKey()
	if err != nil {
		t.Fatal(err)
	}
	if len(keys) < 100 {
		t.Fatalf("found %d sentences only", len(keys))
	}
	for _, code := range words.Languages()[1:] {
		have, err := words.Catalogue(code)
		if err != nil {
			t.Fatal(err)
		}
		if *update {
			write(t, code, keys, have)
			continue
		}
		for _, key := range keys {
			if strict && have[key].Empty() && !slices.Contains(toPrograms, key) {
				t.Errorf("%s: nothing is said for %q; see locale/README.md", code, key)
			}
		}
		for key := range have {
			if !slices.Contains(keys, key) {
				t.Errorf("%s: nobody says %q any more; run go test ./words -update", code, key)
			}
		}
	}
}

// strict is switched off only for the length of a translation.
const strict = true

func write(t *testing.T, code string, keys []words.Key, have map[words.Key]words.Form) {
	t.Helper()
	next := map[words.Key]words.Form{}
	for _, key := range keys {
		next[key] = have[key]
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(next); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join("locale", code+".json"), []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

var verb = regexp.MustCompile(`%(\[\d\])?[sdv]`)

// TestTranslationsFillTheSameHoles: a name or an amount that a translation
// forgets, or fills twice, is a lie on the screen.
func TestTranslationsFillTheSameHoles(t *testing.T) {
	t.Parallel()
	for _, code := range words.Languages() {
		have, err := words.Catalogue(code)
		if err != nil {
			t.Fatal(err)
		}
		for key, form := range have {
			texts := slices.Collect(maps.Values(form.Plural))
			if form.Text != "" {
				texts = append(texts, form.Text)
			}
			for _, text := range texts {
				want, got := holesOf(string(key)), holesOf(text)
				counted := form.Plural != nil && len(got) == len(want)-1 // "one payment" need not say its number
				if !slices.Equal(want, got) && !counted {
					t.Errorf("%s: %q has holes %v, %q has %v", code, key, want, text, got)
				}
			}
		}
	}
}

// holesOf are the arguments that a sentence uses, each with its verb, in the
// order of the arguments.
func holesOf(text string) []string {
	var out []string
	for i, m := range verb.FindAllStringSubmatch(text, -1) {
		place := m[1]
		if place == "" {
			place = "[" + string(rune('1'+i)) + "]"
		}
		out = append(out, place+m[0][len(m[0])-1:])
	}
	slices.Sort(out)
	return out
}

// same are sentences that may be the same in a language as in English: names,
// units, and words that the language has borrowed.
var same = map[string][]words.Key{
	"*":  {"%d min", "%d s", "%d min %d s", "%d h %d min", "%s, %s", "%s: %s", "%s: %s.", "Bitrix24", "OK", "Trace (STAN)", "Software", "PayNow QR", "DuitNow QR", "Alipay+ QR", "CRM", "58 mm", "80 mm", "A4"},
	"de": {"Bank", "Status", "Name", "Terminals", "Terminal", "Sandbox", "Port", "Version"},
	"es": {"Terminal", "Total", "No"},
	"fr": {"test", "Secret", "Production", "Action", "Total", "Terminal", "Port", "Version"},
	"id": {"Status", "Terminal", "Bank", "Total", "Tip", "Sandbox", "Merchant", "Port"},
	"it": {"No", "Password"},
	"ms": {"Bank", "Status", "Tip", "Terminal", "Port"},
	"pl": {"administrator", "Bank", "Terminal", "Deal %s, %s", "Status", "Port"},
	"pt": {"logon", "Total", "Terminal"},
	"tr": {"Terminal", "Port"},
}

// TestATranslationDiffersFromTheEnglish finds sentences that somebody copied
// instead of translating.
func TestATranslationDiffersFromTheEnglish(t *testing.T) {
	t.Parallel()
	for _, code := range words.Languages()[1:] {
		have, err := words.Catalogue(code)
		if err != nil {
			t.Fatal(err)
		}
		for key, form := range have {
			if form.Text == string(key) && !slices.Contains(same["*"], key) && !slices.Contains(same[code], key) {
				t.Errorf("%s says %q in English", code, key)
			}
		}
	}
}
