package stack

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"receivepayment/secrets"
)

// program is the product as the file that operators run, with the shop's own
// configuration in its environment.
type program struct {
	*shop
	file string
}

func built(t *testing.T, s *shop) program {
	t.Helper()
	p := program{shop: s, file: filepath.Join(t.TempDir(), "app")}
	c := exec.CommandContext(t.Context(), "go", "build", "-tags", "timetzdata", "-o", p.file, "receivepayment/cmd/app")
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("build the program: %v\n%s", err, out)
	}
	return p
}

// run answers what the command printed and whether it ended well.
func (p program) run(arguments ...string) (string, bool) {
	p.t.Helper()
	c := exec.CommandContext(p.t.Context(), p.file, arguments...) // #nosec G204 -- built by the test
	c.Env = append(os.Environ(),
		"DATA_DIR="+p.Config.DataDir, "DATABASE_URL="+p.Config.DatabaseURL, "REDIS_URL="+p.Config.RedisURL,
		"PUBLIC_URL="+p.Config.PublicURL, "ADDR=127.0.0.1:0", "BITRIX_CLIENT_ID="+p.Config.BitrixClientID,
		"BITRIX_CLIENT_SECRET="+p.Config.BitrixClientSecret, "SECRET_KEYS=")
	out, err := c.CombinedOutput()
	return string(out), err == nil
}

// says runs a command that has to end so, and finds each text in what it says.
func (p program) says(well bool, arguments string, texts ...string) string {
	p.t.Helper()
	out, ended := p.run(strings.Fields(arguments)...)
	if ended != well {
		p.t.Fatalf("app %s ended well: %v\n%s", arguments, ended, out)
	}
	for _, text := range texts {
		if !strings.Contains(out, text) {
			p.t.Errorf("app %s does not say %q:\n%s", arguments, text, out)
		}
	}
	return out
}

// TestOperatorsRotateTheKeysWithTheProgram: the new key seals, nothing is left
// to the old one, which can then go, and the product that runs meanwhile
// notices nothing.
func TestOperatorsRotateTheKeysWithTheProgram(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds the program")
	}
	eachShop(t, func(t *testing.T, s *shop) {
		app := built(t, s)
		before := app.says(true, "keys status", "seals, sealed")
		app.says(true, "keys rotate", "seals from now on", "0 cannot be opened")
		after := app.says(true, "keys status", "opens, sealed 0 values")
		if before == after {
			t.Errorf("nothing has changed: %s", after)
		}
		app.says(true, "keys retire")
		if left := app.says(true, "keys status"); strings.Count(left, "key ") != 1 {
			t.Errorf("after retiring the old key: %s", left)
		}
		s.paid(s.order("p-1", s.invoice("i-1", "10.00"), "10.00"))
		app.says(true, "audit verify", s.Bitrix.MemberID()+"/")
		s.honest()
	})
}

// TestOperatorsFindWhatWasDoneToTheAuditWithTheProgram removes and alters lines
// behind the product's back.
func TestOperatorsFindWhatWasDoneToTheAuditWithTheProgram(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds the program")
	}
	eachShop(t, func(t *testing.T, s *shop) {
		app := built(t, s)
		s.admin.grant("14", "take", "report").Want(http.StatusOK)
		kept := strings.Fields(app.says(true, "audit verify"))
		app.says(true, "audit verify --known "+kept[0])
		spoil := func(sql string) {
			t.Helper()
			if err := s.House.DB.WithContext(t.Context()).Exec(sql, s.Bitrix.MemberID()).Error; err != nil {
				t.Fatal(err)
			}
		}
		spoil("UPDATE audit_lines SET detail = 'nothing' WHERE seq = 1 AND portal_id = ?")
		app.says(false, "audit verify", "BROKEN", "line 1: altered")
		spoil("DELETE FROM audit_lines WHERE seq = 2 AND portal_id = ?")
		app.says(false, "audit verify", "line 1: altered", "line 2: removed", "broken in ")
	})
}

// TestAProgramWithoutItsKeySaysWhatToDo starts the real program with a strange
// key.
func TestAProgramWithoutItsKeySaysWhatToDo(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("builds the program")
	}
	s := openShop(t, Options{})
	app := built(t, s)
	s.stop()
	strange, err := secrets.Generate()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.Config.DataDir, "keys"), []byte(strange), 0o600); err != nil {
		t.Fatal(err)
	}
	app.says(false, "serve", "app keys lost")
	app.says(true, "keys status", "is not at hand")
	app.says(true, "keys lost")
	s.Run()
	s.admin = s.Install()
	if got := s.awaitTerminal("attention").Text("statusReason"); !strings.Contains(got, "Pair the terminal again") {
		t.Errorf("the terminal says %q", got)
	}
}
