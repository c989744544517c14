package web

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/labstack/echo/v4"
)

const (
	// lookEvery is the safety look while a payment is open: it covers a ring
	// that was lost.
	lookEvery = 15 * time.Second
	// writeWithin bounds one write to a listener who does not read.
	writeWithin = 10 * time.Second
)

type ticketJSON struct {
	Ticket string `json:"ticket"`
}

// giveTicket answers a ticket for one stream: browsers cannot send a header
// with an event stream.
func (s *Server) giveTicket(c echo.Context, who caller) error {
	ticket, err := s.tokens.issue(claims{
		RegisteredClaims: jwt.RegisteredClaims{Subject: who.Person.ID}, Portal: who.PortalID, Language: who.Code(),
	}, forStreams, ticketFor)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, ticketJSON{Ticket: ticket})
}

// watcher finds out who listens: by a ticket, once, or by a bearer token.
func (s *Server) watcher(c echo.Context) (caller, error) {
	if ticket := c.QueryParam("ticket"); ticket != "" {
		claims, err := s.tokens.read(ticket, forStreams)
		if err != nil {
			return caller{}, err
		}
		if !s.Once.First(c.Request().Context(), claims.ID, 2*ticketFor) {
			return caller{}, errUnauthenticated
		}
		return s.recognise(c.Request().Context(), claims)
	}
	token, _ := strings.CutPrefix(c.Request().Header.Get(echo.HeaderAuthorization), "Bearer ")
	claims, err := s.tokens.read(token, forPages)
	if err != nil {
		return caller{}, err
	}
	return s.recognise(c.Request().Context(), claims)
}

// streamPayment sends the payment at once and after each change, until nothing
// about it will change any more.
func (s *Server) streamPayment(c echo.Context) error {
	who, err := s.watcher(c)
	if err != nil {
		return err
	}
	if err := s.Payments.Exists(c.Request().Context(), who.PortalID, c.Param("id")); err != nil {
		return err
	}
	st := stream{server: s, who: who, id: c.Param("id"), html: c.QueryParam("face") == "html", c: c}
	return st.run()
}

// stream is one listener.
type stream struct {
	server *Server
	who    caller
	id     string
	html   bool
	c      echo.Context
	last   []byte // what was sent, shared with other listeners
	final  bool   // and it was a decided payment
}

func (st *stream) run() error {
	s := st.server
	rings, stop := s.Bell.Listen(st.id)
	defer stop()
	leave := s.feeds.watch(st.id)
	defer leave()

	h := st.c.Response().Header()
	h.Set(echo.HeaderContentType, "text/event-stream")
	h.Set("X-Accel-Buffering", "no") // proxies must not hold events back
	// The server bounds reading a request, and would end the stream with it.
	_ = http.NewResponseController(st.c.Response()).SetReadDeadline(time.Time{})
	st.c.Response().WriteHeader(http.StatusOK)

	looks := time.NewTicker(lookEvery)
	defer looks.Stop()
	for look := int64(0); ; {
		end, err := st.send(look)
		if err != nil || end {
			return nil // the listener has gone, or will come back and ask again
		}
		if look, err = st.wait(rings, looks.C, look); err != nil {
			return nil // likewise
		}
	}
}

// wait blocks until there is a reason to read the payment again. A decided
// payment is read again only when somebody rings.
func (st *stream) wait(rings <-chan struct{}, looks <-chan time.Time, look int64) (int64, error) {
	ctx := st.c.Request().Context()
	for {
		select {
		case <-ctx.Done():
			return look, ctx.Err()
		case <-st.server.stopped:
			return look, context.Canceled
		case <-rings:
			return look, nil
		case now := <-looks:
			if err := st.write(": still here\n\n"); err != nil {
				return look, err
			}
			if !st.final {
				return now.Unix() / int64(lookEvery.Seconds()), nil
			}
		}
	}
}

// send writes the payment if it differs from what was last sent. End means
// that nothing will change any more.
func (st *stream) send(look int64) (end bool, err error) {
	r, err := st.server.feeds.read(st.c.Request().Context(), st.who.PortalID, st.id, look)
	if err != nil {
		return false, err
	}
	data, err := st.render(r)
	if err != nil {
		return false, err
	}
	if final := r.detail.State.Final(); final != st.final || !bytes.Equal(data, st.last) {
		st.last, st.final = data, final
		if err := st.write("event: payment\n" + lines(data) + "\n"); err != nil {
			return false, err
		}
	}
	if !r.detail.Settled() {
		return false, nil
	}
	return true, st.write("event: end\ndata: {}\n\n")
}

func (st *stream) render(r *reading) ([]byte, error) {
	if st.html {
		return st.server.pages.render(st.who.Voice, "live-inner", st.server.liveView(st.who, r.detail))
	}
	return r.json()
}

// lines writes data as an event wants it: each line of its own.
func lines(data []byte) string {
	var b strings.Builder
	for line := range strings.SplitSeq(strings.TrimRight(string(data), "\n"), "\n") {
		fmt.Fprintf(&b, "data: %s\n", line)
	}
	return b.String()
}

func (st *stream) write(text string) error {
	control := http.NewResponseController(st.c.Response())
	_ = control.SetWriteDeadline(st.server.Now().Add(writeWithin)) // not every writer can
	if _, err := st.c.Response().Write([]byte(text)); err != nil {
		return err
	}
	return control.Flush()
}
