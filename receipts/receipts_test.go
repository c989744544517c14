package receipts_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/google/go-cmp/cmp"

	"receivepayment/receipts"
)

// server is a mail server on loopback that keeps what it takes.
type server struct {
	mu      sync.Mutex
	refuse  error // the answer to RCPT
	hangUp  bool  // after a letter was taken
	letters []string
	logins  []string // user and password of each sign-in
	signIn  string   // the way that is offered, PLAIN unless it says LOGIN
	addr    string
}

func listen(t *testing.T) *server { t.Helper(); return listenWith(t, nil, false) }

// listenWith offers TLS with a certificate: on request, or from the first byte
// on.
func listenWith(t *testing.T, with *tls.Config, implicit bool) *server {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{addr: l.Addr().String()}
	host := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) { return &session{server: s, conn: c}, nil }))
	host.Domain, host.TLSConfig = "localhost", with
	if implicit {
		l = tls.NewListener(l, with)
	}
	go func() { _ = host.Serve(l) }()
	t.Cleanup(func() { _ = host.Close() })
	return s
}

func (s *server) post(t *testing.T) *receipts.Post {
	t.Helper()
	host, port, _ := net.SplitHostPort(s.addr)
	p, err := receipts.NewPost(receipts.PostConfig{
		Host: host, Port: number(port), From: "Harbour Supplies <receipts@harbour.example>", Security: receipts.Plain,
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func number(text string) (n int) {
	for _, r := range text {
		n = n*10 + int(r-'0')
	}
	return n
}

type session struct {
	server *server
	conn   *smtp.Conn
	to     string
}

func (s *session) Mail(string, *smtp.MailOptions) error { return nil }

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	return s.server.refuse
}

func (s *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.server.letters = append(s.server.letters, s.to+"\n"+string(raw))
	return err
}

func (s *session) Reset() {
	if s.server.hangUp { // after DATA, before QUIT is answered
		_ = s.conn.Conn().Close()
	}
}

func (s *session) Logout() error { return nil }

// answer is what every recipient is answered from now on.
func (s *server) answer(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = err
}

func (s *server) got() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.letters
}

func slip() receipts.Letter {
	return receipts.Letter{
		ID: "m_1", To: "wiremu@pelorus.example", Subject: "Receipt: Wharf pump kit €", Date: time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC),
		Plain: "Yours.\n\n  TOTAL      $42.50\n", HTML: "<pre>  TOTAL      $42.50</pre>",
	}
}

func TestALetterArrivesAsTextAndInFixedPitch(t *testing.T) {
	t.Parallel()
	s := listen(t)
	if err := s.post(t).Send(t.Context(), slip()); err != nil {
		t.Fatal(err)
	}
	letters := s.got()
	if len(letters) != 1 {
		t.Fatalf("%d letters arrived", len(letters))
	}
	to, raw, _ := strings.Cut(letters[0], "\n")
	msg, err := mail.ReadMessage(strings.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	heads := map[string]string{
		"To": to, "From": msg.Header.Get("From"), "Message-ID": msg.Header.Get("Message-ID"),
		"Date": msg.Header.Get("Date"), "Auto-Submitted": msg.Header.Get("Auto-Submitted"),
	}
	want := map[string]string{
		"To": "wiremu@pelorus.example", "From": `"Harbour Supplies" <receipts@harbour.example>`, "Message-ID": "<m_1@harbour.example>",
		"Date": "Sat, 21 Nov 2026 10:00:00 +0000", "Auto-Submitted": "auto-generated",
	}
	if diff := cmp.Diff(want, heads); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{slip().Plain, slip().HTML}, parts(t, msg)); diff != "" {
		t.Errorf("parts (-want +got):\n%s", diff)
	}
}

// parts are the alternatives of a message, decoded.
func parts(t *testing.T, msg *mail.Message) []string {
	t.Helper()
	_, boundary, _ := strings.Cut(msg.Header.Get("Content-Type"), "boundary=")
	r := multipart.NewReader(msg.Body, strings.Trim(boundary, `"`))
	var out []string
	for {
		part, err := r.NextRawPart()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, strings.ReplaceAll(string(raw), "\r\n", "\n"))
	}
}

func TestALetterThatWasTakenIsSentHoweverTheConversationEnds(t *testing.T) {
	t.Parallel()
	s := listen(t)
	s.hangUp = true
	if err := s.post(t).Send(t.Context(), slip()); err != nil {
		t.Errorf("the server took the letter, and we say: %v", err)
	}
	if n := len(s.got()); n != 1 {
		t.Errorf("%d letters arrived", n)
	}
}

func TestOnlyAFinalRefusalIsFinal(t *testing.T) {
	t.Parallel()
	for name, one := range map[string]struct {
		answer error
		final  bool
	}{
		"no such user":  {&smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user wiremu@pelorus.example"}, true},
		"mailbox full":  {&smtp.SMTPError{Code: 452, EnhancedCode: smtp.EnhancedCode{4, 2, 2}, Message: "mailbox full"}, false},
		"greylisting":   {&smtp.SMTPError{Code: 451, Message: "come back later"}, false},
		"policy denies": {&smtp.SMTPError{Code: 554, Message: "rejected"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := listen(t)
			s.refuse = one.answer
			err := s.post(t).Send(t.Context(), slip())
			if err == nil || receipts.Refused(err) != one.final {
				t.Errorf("%v is final: %v", err, receipts.Refused(err))
			}
			if strings.Contains(err.Error(), "wiremu@") {
				t.Errorf("the error, which is logged, names the customer: %v", err)
			}
		})
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	s := listen(t)
	gone := s.post(t)
	s.addr = "127.0.0.1:1" // nobody there
	if err := s.post(t).Send(ctx, slip()); err == nil || receipts.Refused(err) {
		t.Errorf("nobody listens, and we say: %v", err)
	}
	if err := gone.Check(ctx); err != nil {
		t.Errorf("doctor says of a server that is well: %v", err)
	}
}

func TestASettingThatCannotWorkIsRefused(t *testing.T) {
	t.Parallel()
	well := receipts.PostConfig{Host: "mail.example", Port: 587, From: "a@b.example", Security: receipts.StartTLS, User: "u", Password: "p"}
	if _, err := receipts.NewPost(well); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*receipts.PostConfig){
		"no host":                func(c *receipts.PostConfig) { c.Host = "" },
		"no sender":              func(c *receipts.PostConfig) { c.From = "" },
		"a sender without host":  func(c *receipts.PostConfig) { c.From = "receipts" },
		"another security":       func(c *receipts.PostConfig) { c.Security = "ssl3" },
		"a password in the open": func(c *receipts.PostConfig) { c.Security = receipts.Plain },
		"no such port":           func(c *receipts.PostConfig) { c.Port = 70000 },
	} {
		c := well
		change(&c)
		if _, err := receipts.NewPost(c); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}
