package stack

import (
	"io"
	"net"
	"strconv"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"

	"receivepayment/cmd/app/house"
)

// MailServer is a real SMTP server on loopback.
type MailServer struct {
	mu     sync.Mutex
	refuse error
	got    []string // the recipient, then the message
	port   int
}

// StartMail runs one until the test ends.
func StartMail(t testing.TB) *MailServer {
	t.Helper()
	l := listen(t)
	_, port, _ := net.SplitHostPort(l.Addr().String())
	m := &MailServer{}
	m.port, _ = strconv.Atoi(port)
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &mailSession{server: m}, nil }))
	server.Domain = "localhost"
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
	return m
}

// Settings name the server in the app's configuration.
func (m *MailServer) Settings(c *house.Config) {
	c.SMTPHost, c.SMTPPort, c.SMTPTLS, c.SMTPFrom = "127.0.0.1", m.port, "none", "Harbour Supplies <receipts@harbour.example>"
}

// Answer is what every recipient is answered from now on; nil takes letters.
func (m *MailServer) Answer(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.refuse = err
}

// Letters are what was taken: the recipient on a line, then the message.
func (m *MailServer) Letters() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.got
}

// mailSession is one conversation.
type mailSession struct {
	server *MailServer
	to     string
}

func (s *mailSession) Mail(string, *smtp.MailOptions) error { return nil }
func (s *mailSession) Reset()                               {}
func (s *mailSession) Logout() error                        { return nil }

func (s *mailSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.to = to
	return s.server.refuse
}

func (s *mailSession) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.server.got = append(s.server.got, s.to+"\n"+string(raw))
	return err
}
