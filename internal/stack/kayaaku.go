package stack

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"sync"
	"sync/atomic"
	"time"

	"receivepayment/db"
	kayaakusim "receivepayment/kayaaku/sim"
	"receivepayment/kayaaku/till"
)

// Till is a counter with a pretend Kayaaku device and the bridge's program.
type Till struct {
	Sim      *kayaakusim.Sim
	URL      string // of the pretend host and the device's page
	Terminal string // its id in the app
	Name     string
	Dir      string // of the bridge
	Config   till.Config
	hook     atomic.Pointer[BridgeHook]
	// Program is the bridge as a file to run; empty means within this process.
	Program string
	// DiesAt is the step at which a program built with the tag faultpoints
	// kills itself, from its next start on.
	DiesAt string

	s *Stack
	// CloseHost ends the pretend host's listener.
	CloseHost func()

	halt  func()
	ended chan struct{}
}

// kayaakuKeys are made once: making them is slow.
var kayaakuKeys = sync.OnceValues(func() (*rsa.PrivateKey, *rsa.PrivateKey) {
	merchant, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	host, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return merchant, host
})

// KayaakuOptions choose a device and the way to it.
type KayaakuOptions struct {
	Name string
	Sim  kayaakusim.Config
	Host bool // Finexus' host is configured
	HTTP bool // and is the only way
	// Change edits what is posted to pair it.
	Change func(Object)
	// AnswerWithin of the bridge; zero means five seconds.
	AnswerWithin time.Duration
	// Program and DiesAt are the [Till]'s.
	Program, DiesAt string
}

// Kayaaku starts a pretend device, pairs it and, for a cable, starts its
// bridge. It returns when the app calls it ready.
func (s *Stack) Kayaaku(admin Client, o KayaakuOptions) *Till {
	s.t.Helper()
	k := s.kayaakuDevice(o)
	in := Object{"name": o.Name, "provider": "kayaaku", "environment": "sandbox", "transport": "usb-bridge", "enquireAfter": 2}
	if o.Host || o.HTTP {
		in["baseUrl"], in["sourceSystem"] = k.URL+"/thirdparty", kayaakusim.DemoSourceSystem
		in["email"], in["mid"], in["deviceSn"] = kayaakusim.DemoEmail, kayaakusim.DemoMID, kayaakusim.DemoSerial
		in["privateKey"], in["hostKey"] = KayaakuKeyTexts()
	}
	if o.HTTP {
		in["transport"] = "http-signed"
	}
	if o.Change != nil {
		o.Change(in)
	}
	out := admin.Do(http.MethodPost, "/api/v1/terminals", in).Want(http.StatusCreated)
	k.Terminal = out.Text("id")
	if !o.HTTP {
		k.layCable(o)
		k.pairBridge(out.Text("bridge", "code"))
	}
	s.Await(o.Name+" is ready", func() bool { return k.status(admin) == "ready" })
	return k
}

// KayaakuDevice starts a pretend device with a cable whose page pairs the
// till's bridge; the terminal is paired by people.
func (s *Stack) KayaakuDevice(o KayaakuOptions) *Till {
	s.t.Helper()
	k := s.kayaakuDevice(o)
	k.layCable(o)
	k.Sim.OnPair(func(code string) error {
		if _, err := till.Pair(context.Background(), s.App, code, "test", k.Dir); err != nil {
			return err
		}
		k.StartBridge()
		s.t.Cleanup(k.StopBridge)
		return nil
	})
	return k
}

func (s *Stack) kayaakuDevice(o KayaakuOptions) *Till {
	s.t.Helper()
	merchant, host := kayaakuKeys()
	o.Sim.Now, o.Sim.Merchant, o.Sim.Host = db.Now, &merchant.PublicKey, host
	k := &Till{Sim: kayaakusim.New(o.Sim), s: s, Name: o.Name, Dir: s.t.TempDir(), Program: o.Program, DiesAt: o.DiesAt}
	server := httptest.NewServer(k.Sim.Handler())
	k.URL, k.CloseHost = server.URL, server.Close
	s.t.Cleanup(func() { k.Sim.Close(); server.CloseClientConnections(); server.Close() })

	return k
}

func (k *Till) status(c Client) string {
	return c.Do(http.MethodGet, "/api/v1/terminals/"+k.Terminal, nil).Want(http.StatusOK).Text("status")
}

// KayaakuKeyTexts are the merchant's private and the host's public key, PEM.
func KayaakuKeyTexts() (private, public string) {
	merchant, host := kayaakuKeys()
	der, err := x509.MarshalPKIXPublicKey(&host.PublicKey)
	if err != nil {
		panic(err)
	}
	private = string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(merchant)}))
	return private, string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

func (k *Till) layCable(o KayaakuOptions) {
	k.s.t.Helper()
	port, err := k.Sim.OpenCable(k.Dir)
	if err != nil {
		k.s.t.Fatal(err)
	}
	if o.AnswerWithin == 0 {
		o.AnswerWithin = 5 * time.Second
	}
	k.Config = till.Config{
		Server: k.s.App, Port: port, Email: kayaakusim.DemoEmail, Password: kayaakusim.DemoPassword,
		AnswerWithin: till.Duration(o.AnswerWithin),
	}
}

func (k *Till) pairBridge(code string) {
	k.s.t.Helper()
	if _, err := till.Pair(context.Background(), k.s.App, code, "test", k.Dir); err != nil {
		k.s.t.Fatal(err)
	}
	k.StartBridge()
	k.s.t.Cleanup(k.StopBridge)
}

// BridgeHook is called where a bridge may die.
type BridgeHook func(b *till.Bridge, point string)

// At has the hook called from now on; nil, none. A bridge may be running.
func (k *Till) At(hook BridgeHook) {
	if hook == nil {
		k.hook.Store(nil)
		return
	}
	k.hook.Store(&hook)
}

// StartBridge starts the bridge's program on its own folder.
func (k *Till) StartBridge() {
	k.s.t.Helper()
	if k.Program != "" {
		k.startProgram()
		return
	}
	var b *till.Bridge
	var opened sync.WaitGroup
	opened.Add(1)
	b, err := till.Open(till.Options{
		Config: k.Config, Dir: k.Dir, Version: "test", Now: db.Now, Again: 20 * time.Millisecond,
		Log: slog.New(slog.NewTextHandler(k.s.Log, nil)),
		Hook: func(point string) {
			opened.Wait()
			if hook := k.hook.Load(); hook != nil {
				(*hook)(b, point)
			}
		},
	})
	opened.Done()
	if err != nil {
		k.s.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { _ = b.Run(ctx); close(done) }()
	k.halt, k.ended = func() { cancel(); <-done }, done
}

// startProgram starts it as a process of its own, which [Till.StopBridge] kills.
func (k *Till) startProgram() {
	k.s.t.Helper()
	if err := k.Config.Write(k.Dir); err != nil {
		k.s.t.Fatal(err)
	}
	run := exec.CommandContext(context.Background(), k.Program, "--dir", k.Dir, "run") // #nosec G204 -- built by the test
	run.Env = append(os.Environ(), "BRIDGE_DIES_AT="+k.DiesAt)
	run.Stdout, run.Stderr = k.s.Log, k.s.Log
	if err := run.Start(); err != nil {
		k.s.t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { _ = run.Wait(); close(done) }()
	k.halt, k.ended = func() { _ = run.Process.Kill(); <-done }, done
}

// Ended reports whether the bridge's program is no longer there.
func (k *Till) Ended() bool {
	if k.ended == nil {
		return false // there is none
	}
	select {
	case <-k.ended:
		return true
	default:
		return false
	}
}

// StopBridge stops it.
func (k *Till) StopBridge() {
	if k.halt != nil {
		k.halt()
		k.halt = nil
	}
}
