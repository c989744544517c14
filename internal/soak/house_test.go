package soak_test

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"testing"
	"time"

	"receivepayment/cmd/app/house"
	"receivepayment/db"
	"receivepayment/internal/testkit"
	"receivepayment/secrets"
)

// place is what the program runs on.
type place string

const (
	embedded place = "embedded" // one process, SQLite, a Redis inside
	servers  place = "servers"  // web and two workers, PostgreSQL, Redis
)

func places() []place { return []place{embedded, servers} }

// running is the program at work in its place, with the world around it.
type running struct {
	*outside
	place     place
	processes []*process // the face is the first
	db        *db.DB     // the test's own view, past the lines
	postgres  *line      // nil where there is none
	redis     *line
	redisURL  string
}

// clocks are the payment's clocks of a run, short enough to see all of them
// pass; the relations between them are those of production.
func clocks() map[string]string {
	return map[string]string{
		"SEND_WITHIN": "30s", "SEND_TIMEOUT": "3s", "NEVER_SEEN_AFTER": "1500ms", "SILENCE_AFTER": "1s",
		"UNKNOWN_AFTER": "4s", "REVIEW_AFTER": "150s", "ASK_FOR": "24h",
	}
}

// newRunning prepares the program in its place; nothing of it runs yet.
func newRunning(t testing.TB, at place, seed int64) *running {
	t.Helper()
	file := program(t)
	addr := testkit.FreeAddr(t)
	r := &running{place: at, outside: newOutside(t, "http://"+addr, seed)}

	keys, err := secrets.Generate()
	if err != nil {
		t.Fatal(err)
	}
	dir := dataDir(t)
	set := map[string]string{
		"ADDR": addr, "PUBLIC_URL": r.app, "DATA_DIR": dir, "SECRET_KEYS": keys, "LOG_LEVEL": "warn",
		"BITRIX_CLIENT_ID": house.DemoClientID, "BITRIX_CLIENT_SECRET": house.DemoClientSecret,
		"BITRIX_OAUTH_URL": r.portal + "/auth", "BITRIX_RATE": "100000", "BITRIX_BURST": "100000",
		"LINKLY_AUTH_URL": r.pad, "LINKLY_REST_URL": r.pad,
	}
	for name, value := range clocks() {
		set[name] = value
	}
	dsn := ""
	if at == servers {
		dsn = testkit.PostgresURL(t)
		r.redisURL = testkit.RedisURL(t)
		set["DATABASE_URL"], r.postgres = through(t, dsn)
		set["REDIS_URL"], r.redis = through(t, r.redisURL)
	}
	env := make([]string, 0, len(set))
	for name, value := range set {
		env = append(env, name+"="+value)
	}
	if at == embedded {
		r.processes = []*process{newProcess(t, "serve", file, env, "serve")}
	} else {
		r.processes = []*process{
			newProcess(t, "web", file, env, "web"), newProcess(t, "worker1", file, env, "worker"),
			newProcess(t, "worker2", file, env, "worker"),
		}
	}
	r.look(t, dsn, dir)
	return r
}

// dataDir is in memory where the machine has such a place: processes are killed
// here and never the machine, so what the kernel holds survives, and a disk that
// others use as well says nothing about us.
func dataDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "receivepayment-soak") //nolint:usetesting // not on the disk
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// through puts a line in front of a server and names the server as seen
// through it.
func through(t testing.TB, address string) (string, *line) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	l := newLine(t, u.Host)
	u.Host = l.addr()
	return u.String(), l
}

// look opens the test's own view of the database.
func (r *running) look(t testing.TB, dsn, dir string) {
	t.Helper()
	d, err := db.Open(context.Background(), dsn, dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	r.db = d
}

// start runs every process and waits until the face answers.
func (r *running) start(t testing.TB) {
	t.Helper()
	for _, p := range r.processes {
		if err := p.start(); err != nil {
			t.Fatal(err)
		}
		if p == r.face() {
			r.awaitFace(t) // it migrates; the others find it done
		}
	}
}

func (r *running) face() *process { return r.processes[0] }

// worker is the process that takes steps, or the first of them.
func (r *running) worker() *process { return r.processes[min(1, len(r.processes)-1)] }

func (r *running) awaitFace(t testing.TB) {
	t.Helper()
	await(t, "the program listens", func() bool { return r.ready(t.Context()) })
}

func (r *running) ready(ctx context.Context) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.app+"/readyz", nil)
	if err != nil {
		return false
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	_ = res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// patience is how long await waits; it is no measure.
const patience = 40 * time.Second

// await polls until the condition holds.
func await(t testing.TB, what string, holds func() bool) {
	t.Helper()
	if !within(patience, holds) {
		t.Fatalf("waited in vain: %s", what)
	}
}

// within polls until the condition holds, and reports whether it did in time.
func within(d time.Duration, holds func() bool) bool {
	end := time.NewTimer(d)
	defer end.Stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-end.C:
			return false
		case <-tick.C:
		}
	}
	return true
}
