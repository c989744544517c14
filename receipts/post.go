package receipts

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// Security is how the connection to the mail server is kept private.
type Security string

// The ways. Plain sends no password.
const (
	StartTLS Security = "starttls"
	TLS      Security = "tls"
	Plain    Security = "none"
)

// PostConfig names the mail server.
type PostConfig struct {
	Host           string
	Port           int
	User, Password string // empty: the server wants none
	From           string // name@example.com or Name <name@example.com>
	Security       Security
	RootCAs        *x509.CertPool // who may vouch for the server; nil: whom the system trusts
}

// Post brings letters to one mail server. Safe for concurrent use: each letter
// has a connection of its own.
type Post struct {
	client *gomail.Client
	from   *mail.Address
}

// postWithin bounds each step of the conversation with the server.
const postWithin = 20 * time.Second

// errRefused marks a letter that the server will never take.
var errRefused = errors.New("the mail server refuses the letter")

// NewPost checks the configuration; it calls nobody.
func NewPost(c PostConfig) (*Post, error) {
	from, err := mail.ParseAddress(c.From)
	if err != nil {
		return nil, fmt.Errorf("the sender %q is no e-mail address", c.From)
	}
	options := []gomail.Option{
		gomail.WithPort(c.Port), gomail.WithTimeout(postWithin),
		gomail.WithTLSConfig(&tls.Config{ServerName: c.Host, RootCAs: c.RootCAs, MinVersion: tls.VersionTLS12}),
	}
	switch c.Security {
	case StartTLS:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	case TLS:
		options = append(options, gomail.WithSSL())
	case Plain:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		return nil, fmt.Errorf("%q is no way to secure the connection: choose starttls, tls or none", c.Security)
	}
	if c.User != "" {
		if c.Security == Plain {
			return nil, errors.New("a password is sent over TLS only")
		}
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(c.User), gomail.WithPassword(c.Password))
	}
	client, err := gomail.NewClient(c.Host, options...)
	if err != nil {
		return nil, fmt.Errorf("mail server %s: %w", c.Host, err)
	}
	return &Post{client: client, from: from}, nil
}

// Send brings a letter to the server. An error that Is errRefused will be the
// same tomorrow; after every other one it may be tried again.
func (p *Post) Send(ctx context.Context, l Letter) error {
	msg, err := p.message(l)
	if err != nil {
		return errors.Join(errRefused, err)
	}
	connection, err := p.client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return fmt.Errorf("reach the mail server: %w", err)
	}
	defer func() { _ = p.client.CloseWithSMTPClient(connection) }()
	err = p.client.SendWithSMTPClient(connection, msg)
	if msg.IsDelivered() {
		return nil // however the conversation ended after that
	}
	return sorted(err, l.To)
}

// sorted tells a letter that the server will never take from one that it may
// take later. The address goes into no error: errors are logged.
func sorted(err error, address string) error {
	if err == nil {
		return errors.New("the mail server did not say that it took the letter")
	}
	text, _, _ := strings.Cut(err.Error(), ", affected recipient")
	plain := errors.New(strings.ReplaceAll(text, address, "…"))
	var answer *gomail.SendError
	if errors.As(err, &answer) && answer.ErrorCode() >= 500 {
		return errors.Join(errRefused, plain)
	}
	return plain
}

// Check reaches the server and greets it, as `app doctor` does.
func (p *Post) Check(ctx context.Context) error {
	connection, err := p.client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return fmt.Errorf("reach the mail server: %w", err)
	}
	return p.client.CloseWithSMTPClient(connection)
}

func (p *Post) message(l Letter) (*gomail.Msg, error) {
	msg := gomail.NewMsg()
	msg.FromMailAddress(p.from)
	if err := msg.To(l.To); err != nil {
		return nil, fmt.Errorf("address a receipt: %w", err)
	}
	_, domain, _ := strings.Cut(p.from.Address, "@")
	msg.SetMessageIDWithValue(l.ID + "@" + domain)
	msg.SetDateWithValue(l.Date)
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.Subject(l.Subject)
	msg.SetBodyString(gomail.TypeTextPlain, l.Plain)
	msg.AddAlternativeString(gomail.TypeTextHTML, l.HTML)
	return msg, nil
}

// said is an error as it may stand in a row: one line, not endless.
func said(err error) string {
	runes := []rune(strings.Join(strings.Fields(err.Error()), " "))
	return string(runes[:min(len(runes), 300)])
}
