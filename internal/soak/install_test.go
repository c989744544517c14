package soak_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// ending is a moment of the installation at which the process dies: at the n-th
// request to the portal, before it arrives or before its answer does.
type ending struct {
	request int
	method  string
	after   bool
}

func (e ending) String() string {
	if e.after {
		return fmt.Sprintf("%d %s done", e.request, e.method)
	}
	return fmt.Sprintf("%d %s not sent", e.request, e.method)
}

// TestInstallerOfAKilledProcessLeavesOneOfEverything kills the program at each
// kind of request that the installer makes, starts it again and installs again;
// and then ten times more.
func TestInstallerOfAKilledProcessLeavesOneOfEverything(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	t.Parallel()
	want, methods := installedOnce(t)
	if len(want) < 15 {
		t.Fatalf("the installer made only %d things: %v", len(want), want)
	}
	todo := make(chan ending)
	go func() {
		defer close(todo)
		for _, request := range telling(methods) {
			for _, after := range []bool{false, true} {
				todo <- ending{request, methods[request-1], after}
			}
		}
	}()
	var wait sync.WaitGroup
	for range 3 {
		wait.Go(func() {
			for e := range todo {
				t.Run(e.String(), func(t *testing.T) { e.install(t, want) })
			}
		})
	}
	wait.Wait()
}

// installedOnce installs undisturbed, and then ten times over the same: what
// stands in the portal, and what was asked of it for that at first.
func installedOnce(t *testing.T) (furniture, methods []string) {
	t.Helper()
	r := newRunning(t, embedded, 1)
	r.start(t)
	var mu sync.Mutex
	note := func(next http.Handler, w http.ResponseWriter, q *http.Request) {
		mu.Lock()
		methods = append(methods, path.Base(q.URL.Path))
		mu.Unlock()
		next.ServeHTTP(w, q)
	}
	r.asked.Store(&note)
	boss := r.person(admin)
	boss.install(t)
	r.asked.Store(nil)
	furniture = r.furniture()
	for range 10 {
		boss.install(t)
	}
	if diff := cmp.Diff(furniture, r.furniture()); diff != "" {
		t.Fatalf("ten installations over the first changed:\n%s", diff)
	}
	mu.Lock()
	defer mu.Unlock()
	return furniture, slices.Clone(methods)
}

// install lets the process die on the way, and wants the next one to make what
// an undisturbed one makes.
func (e ending) install(t *testing.T, want []string) {
	r := newRunning(t, embedded, 1)
	r.start(t)
	e.arm(r)
	boss := r.person(admin)
	form := r.bitrix.InstallForm(admin)
	boss.post(t.Context(), form.URL, form.Body.Encode())
	if !r.face().diesWithin(patience) || !r.face().killed() {
		t.Fatalf("the process did not die at %s", e)
	}
	r.asked.Store(nil)
	if err := r.face().start(); err != nil {
		t.Fatal(err)
	}
	r.awaitFace(t)
	boss.install(t)
	if diff := cmp.Diff(want, r.furniture()); diff != "" {
		t.Errorf("killed at %s, this differs:\n%s", e, diff)
	}
}

// arm kills the process at the request; one that is done has been carried out
// by the portal, and its answer is lost.
func (e ending) arm(r *running) {
	var mu sync.Mutex
	n := 0
	carry := func(next http.Handler, w http.ResponseWriter, q *http.Request) {
		mu.Lock()
		n++
		last := n == e.request
		mu.Unlock()
		if !last {
			next.ServeHTTP(w, q)
			return
		}
		if e.after {
			next.ServeHTTP(httptest.NewRecorder(), q)
		}
		r.face().kill()
		panic(http.ErrAbortHandler)
	}
	r.asked.Store(&carry)
}

// furniture is everything that we made in the portal, wherever we listen.
func (r *running) furniture() []string {
	systems, handlers := r.bitrix.PaySystems()
	all := slices.Concat(systems, handlers, r.bitrix.Placements(), r.bitrix.Events())
	for i, thing := range all {
		all[i] = strings.ReplaceAll(thing, r.app, "")
	}
	slices.Sort(all)
	return all
}

// telling are the numbers of the requests worth dying at: of each method the
// first, and where something is made also the last.
func telling(methods []string) []int {
	var out []int
	for i, method := range methods {
		makes := strings.HasSuffix(method, "add") || strings.HasSuffix(method, "bind")
		first, last := !slices.Contains(methods[:i], method), !slices.Contains(methods[i+1:], method)
		if first || last && makes {
			out = append(out, i+1)
		}
	}
	return out
}
