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
func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		s.server.mu.Lock()
		defer s.server.mu.Unlock()
		s.server.logins = append(s.server.logins, user+" "+password)
		if user != "till" || password != "hunter2" {
			return smtp.ErrAuthFailed
		}
		return nil
	}), nil
}

func (s *server) signedIn() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.logins
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
	for name, c := range map[string]struct {
		offers   *tls.Config
		implicit bool
		wants    receipts.Security
		trusts   *x509.CertPool
		password string
		arrives  bool
		logins   int
	}{
		"STARTTLS":                       {with, false, receipts.StartTLS, pool, "hunter2", true, 1},
		"TLS from the first byte":        {with, true, receipts.TLS, pool, "hunter2", true, 1},
		"a wrong password":               {with, false, receipts.StartTLS, pool, "wrong", false, 1},
		"nobody vouches for it":          {with, false, receipts.StartTLS, x509.NewCertPool(), "hunter2", false, 0},
		"nobody vouches for it, at once": {with, true, receipts.TLS, x509.NewCertPool(), "hunter2", false, 0},
		"no STARTTLS offered":            {nil, false, receipts.StartTLS, pool, "hunter2", false, 0},
		"no TLS there":                   {nil, false, receipts.TLS, pool, "hunter2", false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := listenWith(t, c.offers, c.implicit)
			host, port, _ := net.SplitHostPort(s.addr)
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
