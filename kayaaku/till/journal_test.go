package till

import (
	"bytes"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"receivepayment/kayaaku/link"
)

func TestJournalForgetsOnlyWhatIsConfirmedAndOld(t *testing.T) {
	t.Parallel()
	dir, now := t.TempDir(), time.Unix(1_780_000_000, 0)
	j, err := OpenJournal(dir, now)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"DONE", "OPEN"} {
		for _, s := range []step{stepAccepted, stepWriting, stepAnswered} {
			if _, err := j.append(line{At: now, ID: id, Step: s, TxnID: id}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := j.confirm(3, now); err != nil {
		t.Fatal(err)
	}
	name := j.name
	_ = j.Close()

	j, err = OpenJournal(dir, now.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := j.find("DONE"); !ok || j.name != name || len(j.unconfirmed()) != 1 {
		t.Errorf("after an hour: done %v, name kept %v, unconfirmed %v", ok, j.name == name, j.unconfirmed())
	}
	_ = j.Close()

	j, err = OpenJournal(dir, now.Add(keepFor+time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := j.find("DONE"); ok {
		t.Error("what is confirmed and old was kept")
	}
	if k, ok := j.find("OPEN"); !ok || k.step != stepAnswered || j.unconfirmed()[0].Happened != link.Answered {
		t.Error("what nobody confirmed was forgotten")
	}
	if l, _ := j.append(line{At: now, ID: "NEXT", Step: stepRefused}); l.Seq <= 6 {
		t.Errorf("the sequence began again at %d", l.Seq)
	}
	_ = j.Close()
}

// TestJournalSurvivesACrashAtAnyByte cuts the file everywhere: what is whole is
// read, a torn last line is dropped.
func TestJournalSurvivesACrashAtAnyByte(t *testing.T) {
	t.Parallel()
	dir, now := t.TempDir(), time.Unix(1_780_000_000, 0)
	j, err := OpenJournal(dir, now)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []step{stepAccepted, stepWriting} {
		if _, err := j.append(line{At: now, ID: "A1", Step: s, TxnID: "A1"}); err != nil {
			t.Fatal(err)
		}
	}
	_ = j.Close()
	raw, err := os.ReadFile(filepath.Join(dir, journalFile))
	if err != nil {
		t.Fatal(err)
	}
	for cut := range len(raw) + 1 {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, journalFile), raw[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		j, err := OpenJournal(dir, now)
		if err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		whole := bytes.Count(raw[:cut], []byte("\n"))
		k, ok := j.find("A1")
		if want := []step{"", "", stepAccepted, stepWriting}[whole]; k.step != want || ok != (want != "") {
			t.Errorf("cut at %d: %q, want %q", cut, k.step, want)
		}
		_ = j.Close()
	}
	if err := os.WriteFile(filepath.Join(dir, journalFile), append([]byte("rubbish\n"), raw...), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenJournal(dir, now); err == nil {
		t.Error("a damaged journal was taken for an empty one")
	}
}

func TestMaskCoversLoginsAndCards(t *testing.T) {
	t.Parallel()
	in := "\x02{\"Email\":\"a@b.c\",\"Pwd\":\"hunter2\",\"PAN\":\"4111111111111111=25121010000\",\"RRN\":\"624100318842\"}\x03"
	got := Mask([]byte(in))
	if len(got) != len(in) {
		t.Fatalf("the length changed from %d to %d", len(in), len(got))
	}
	for _, secret := range []string{"a@b.c", "hunter2", "411111"} {
		if bytes.Contains(got, []byte(secret)) {
			t.Errorf("%q shows in %q", secret, got)
		}
	}
	if !bytes.Contains(got, []byte("624100318842")) {
		t.Errorf("a reference was covered: %q", got)
	}
	if d := hex.Dump(Mask([]byte(`"Pwd":"hun`))); strings.Contains(d, "hun") {
		t.Errorf("a login that is cut shows:\n%s", d)
	}
}

func TestConfigSaysWhatToMend(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := ReadConfig(dir); err == nil || !strings.Contains(err.Error(), "bridge setup") {
		t.Errorf("without a file: %v", err)
	}
	c := Config{Server: "https://pay.example.com", Port: "/dev/ttyUSB0", Email: "a@b.c", Password: "hunter2", AnswerWithin: Duration(90 * time.Second)}
	if err := c.Write(dir); err != nil {
		t.Fatal(err)
	}
	if got, err := ReadConfig(dir); err != nil || got != c {
		t.Errorf("read %+v, %v", got, err)
	}
	if s, err := os.Stat(filepath.Join(dir, configFile)); err != nil || s.Mode().Perm() != 0o600 {
		t.Errorf("the file with the password is open to others: %v", s.Mode())
	}
	for name, change := range map[string]func(*Config){
		"no port": func(c *Config) { c.Port = "" }, "codec": func(c *Config) { c.Codec = "morse" },
		"parity": func(c *Config) { c.Parity = "purple" }, "stop": func(c *Config) { c.Stop = 7 }, "baud": func(c *Config) { c.Baud = 1 },
		"password": func(c *Config) { c.Password = strings.Repeat("x", 17) },
	} {
		wrong := c
		change(&wrong)
		if err := wrong.Check(); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, configFile), []byte(`{"password": 5`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadConfig(dir); err == nil || strings.Contains(err.Error(), "5") {
		t.Errorf("a broken file: %v", err)
	}
}
