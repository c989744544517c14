package receipts_test

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"receivepayment/receipts"
)

// The server offers a sign-in only where nobody can listen in: go-smtp does so
// by itself.
func (s *session) AuthMechanisms() []string {
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	if s.server.signIn == sasl.Login {
		return []string{sasl.Login}
	}
	return []string{sasl.Plain}
}

func (s *session) Auth(way string) (sasl.Server, error) {
	if way == sasl.Login {
		return &loginServer{check: s.server.letIn}, nil
	}
	return sasl.NewPlainServer(func(_, user, password string) error { return s.server.letIn(user, password) }), nil
}

func (s *server) letIn(user, password string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.logins = append(s.logins, user+" "+password)
	if user != "till" || password != "hunter2" {
		return smtp.ErrAuthFailed
	}
	return nil
}

// loginServer asks for the name, then for the password: AUTH LOGIN, which some
// servers offer alone.
type loginServer struct {
	check func(user, password string) error
	asked int
	user  string
}

func (l *loginServer) Next(answer []byte) (challenge []byte, done bool, err error) {
	l.asked++
	switch l.asked {
	case 1:
		return []byte("Username:"), false, nil
	case 2:
		l.user = string(answer)
		return []byte("Password:"), false, nil
	}
	return nil, true, l.check(l.user, string(answer))
}

func (s *server) signedIn() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.logins
}

func (s *server) offer(way string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.signIn = way
}

// certificate is one for 127.0.0.1, and the pool that trusts it.
func certificate(t *testing.T) (*tls.Config, *x509.CertPool) {
	t.Helper()
	issuer := httptest.NewTLSServer(nil)
	t.Cleanup(issuer.Close)
	pool := x509.NewCertPool()
	pool.AddCert(issuer.Certificate())
	return &tls.Config{Certificates: issuer.TLS.Certificates, MinVersion: tls.VersionTLS12}, pool
}

// TestAPasswordAndALetterTravelUnderTLSOnly signs in at a real server both ways
// of TLS, and shows that nothing is said to a server that cannot be trusted.
func TestAPasswordAndALetterTravelUnderTLSOnly(t *testing.T) {
	t.Parallel()
	with, pool := certificate(t)
	type call struct {
		offers   *tls.Config
		implicit bool // TLS from the first byte
		wants    receipts.Security
		trusts   *x509.CertPool
		password string
		logins   int
		login    bool   // the server knows AUTH LOGIN alone
		name     string // by which the server is called; its address unless told
		arrives  bool
	}
	right, wrong, nobody := "hunter2", "wrong", x509.NewCertPool()
	for name, c := range map[string]call{
		"STARTTLS":                       {offers: with, wants: receipts.StartTLS, trusts: pool, password: right, logins: 1, arrives: true},
		"TLS from the first byte":        {offers: with, implicit: true, wants: receipts.TLS, trusts: pool, password: right, logins: 1, arrives: true},
		"AUTH LOGIN":                     {offers: with, wants: receipts.StartTLS, trusts: pool, password: right, logins: 1, login: true, arrives: true},
		"a wrong password":               {offers: with, wants: receipts.StartTLS, trusts: pool, password: wrong, logins: 1},
		"AUTH LOGIN, a wrong password":   {offers: with, implicit: true, wants: receipts.TLS, trusts: pool, password: wrong, logins: 1, login: true},
		"nobody vouches for it":          {offers: with, wants: receipts.StartTLS, trusts: nobody, password: right},
		"nobody vouches for it, at once": {offers: with, implicit: true, wants: receipts.TLS, trusts: nobody, password: right},
		"vouched for under another name": {offers: with, wants: receipts.StartTLS, trusts: pool, password: right, name: "localhost"},
		"likewise, at once":              {offers: with, implicit: true, wants: receipts.TLS, trusts: pool, password: right, name: "localhost"},
		"no STARTTLS offered":            {wants: receipts.StartTLS, trusts: pool, password: right},
		"no TLS there":                   {wants: receipts.TLS, trusts: pool, password: right},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := listenWith(t, c.offers, c.implicit)
			host, port, _ := net.SplitHostPort(s.addr)
			if c.login {
				s.offer(sasl.Login)
			}
			if c.name != "" {
				host = c.name
			}
			post, err := receipts.NewPost(receipts.PostConfig{
				Host: host, Port: number(port), User: "till", Password: c.password,
				From: "receipts@harbour.example", Security: c.wants, RootCAs: c.trusts,
			})
			if err != nil {
				t.Fatal(err)
			}
			err = post.Send(t.Context(), slip())
			if (err == nil) != c.arrives || (len(s.got()) == 1) != c.arrives {
				t.Errorf("%d letters arrived, error %v", len(s.got()), err)
			}
			if n := len(s.signedIn()); n != c.logins {
				t.Errorf("signed in %d times, want %d", n, c.logins)
			}
			if err != nil && (strings.Contains(err.Error(), c.password) || strings.Contains(err.Error(), slip().To)) {
				t.Errorf("the error tells a secret: %v", err)
			}
			if err != nil && receipts.Refused(err) {
				t.Errorf("a mended server would get the letter, and it is given up: %v", err)
			}
			if checked := post.Check(t.Context()); (checked == nil) != c.arrives {
				t.Errorf("app doctor would say: %v", checked)
			}
		})
	}
}

// TestAPasswordIsNotConfiguredWithoutTLS refuses it before anybody is called.
func TestAPasswordIsNotConfiguredWithoutTLS(t *testing.T) {
	t.Parallel()
	_, err := receipts.NewPost(receipts.PostConfig{
		Host: "mail.example", Port: 25, User: "till", Password: "hunter2", From: "a@b.example", Security: receipts.Plain,
	})
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("a password without TLS is answered %v", err)
	}
}
