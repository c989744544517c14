package kayaaku

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// Host speaks to Finexus' `thirdparty` interface (reference kayaaku 2.1).
// net/http and no client library: what is signed must be, byte for byte, what
// is sent, and nothing here may ever be sent twice. Safe for concurrent use.
type Host struct {
	base   string
	http   *http.Client
	device Device
	signer Signer
	say    Dialect
}

// Device is which terminal the host should address. Finexus issues all of it.
type Device struct {
	Email  string // logged in on the device
	Serial string
	MID    string
}

// HostConfig is how to reach the host. BaseURL ends before "paymentAuthorization".
type HostConfig struct {
	BaseURL string
	Device  Device
	Signer  Signer
	Dialect Dialect
}

// errAddress refuses a base address that a key should not be used with.
var errAddress = errors.New("the host's address must start with https:// (plain http on loopback only)")

// NewHost checks the address; it connects to nothing.
func NewHost(c HostConfig) (*Host, error) {
	u, err := url.Parse(strings.TrimRight(c.BaseURL, "/"))
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, errAddress
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		return nil, errAddress
	}
	if c.Signer.Private == nil || c.Signer.SourceSystem == "" {
		return nil, errors.New("the host needs a key and a sourceSystem")
	}
	return &Host{
		base: u.String(), device: c.Device, signer: c.Signer, say: c.Dialect,
		http: &http.Client{
			Transport: transport(),
			CheckRedirect: func(*http.Request, []*http.Request) error {
				return http.ErrUseLastResponse // a sale is never sent anywhere else
			},
		},
	}, nil
}

// transport opens a connection for each call: a kept one may die under a
// request, and then nobody can tell whether it was read.
func transport() *http.Transport {
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		TLSHandshakeTimeout: 10 * time.Second,
		TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12},
		DisableKeepAlives:   true,
	}
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// Sell sends a sale to the device. The call probably lasts until the customer
// has paid and somebody has pressed NEXT (2.1); ctx bounds it. An error that
// [IsNotStarted] certainly moved nothing; after any other, enquire.
func (h *Host) Sell(ctx context.Context, s Sale, sequence string) (Reply, error) {
	if err := s.check(); err != nil {
		return Reply{}, &Error{Op: "sell", Class: NotStarted, Err: err}
	}
	m := Message{
		{"MsgVer", h.say.MsgVer},
		{"PmtType", string(s.Method)},
		{"CallerDeviceType", h.say.CallerDeviceType},
		{"Email", h.device.Email},
		{"DeviceSN", h.device.Serial},
		{"CallerDeviceVer", clip(h.say.CallerDeviceVer, 20)},
	}
	if h.device.MID != "" {
		m = append(m, Field{"MID", h.device.MID}, Field{"IsPreauthInd", "N"})
	}
	m = append(m,
		Field{"TxnID", s.TxnID},
		Field{"LocalTxnDTTime", h.say.local(s.At)},
		Field{"AmtTxn", h.say.amount(s.Amount)},
		Field{"CrcyTxn", myrNumeric},
	)
	m = append(m, h.say.options(s.Description)...)
	return h.call(ctx, "sell", "paymentAuthorization", h.sealed(m, sequence))
}

// Void takes a card sale back before it is settled (reference kayaaku 2.1).
func (h *Host) Void(ctx context.Context, r Reversal, sequence string) (Reply, error) {
	if err := h.reversible(r); err != nil {
		return Reply{}, &Error{Op: "void", Class: NotStarted, Err: err}
	}
	m := Message{
		{"MsgVer", h.say.MsgVer},
		{"TxnID", h.say.voids(r)},
		{"MID", h.device.MID},
		{"OrgHTR", r.Of.HTR},
		{"LocalTxnDTTime", h.say.local(r.At)},
	}
	return h.call(ctx, "void", "void", h.sealed(m, sequence))
}

// Refund pays back any part of a sale (reference kayaaku 2.1).
func (h *Host) Refund(ctx context.Context, r Reversal, sequence string) (Reply, error) {
	if err := h.reversible(r); err != nil {
		return Reply{}, &Error{Op: "refund", Class: NotStarted, Err: err}
	}
	m := Message{
		{"MsgVer", h.say.MsgVer},
		{"TxnID", r.TxnID},
		{"OrgTxnID", r.Of.TxnID},
		{"OrgHTR", r.Of.HTR},
		{"MID", h.device.MID},
		{"LocalTxnDTTime", h.say.local(r.At)},
		{"AmtTxn", h.say.amount(r.Amount)},
		{"CrcyTxn", myrNumeric},
	}
	return h.call(ctx, "refund", "refund", h.sealed(m, sequence))
}

func (h *Host) reversible(r Reversal) error {
	if h.device.MID == "" || r.Of.HTR == "" || len(r.Of.HTR) > 20 || !txnID.MatchString(r.Of.TxnID) {
		return fmt.Errorf("%w: a void or refund needs MID and the sale's TxnID and HTR", ErrField)
	}
	return checkAmount(r.TxnID, r.Amount)
}

// VoidTxnID is what the answer to a void will call it.
func (h *Host) VoidTxnID(r Reversal) string { return h.say.voids(r) }

// Enquire asks what became of a transaction. It moves no money and may be
// repeated, with a new sequence number each time (reference kayaaku 1.7).
func (h *Host) Enquire(ctx context.Context, id, sequence string) (Reply, error) {
	m := Message{
		{"Email", h.device.Email},
		{"TxnID", id},
		{"sourceSystem", h.signer.SourceSystem},
		{"sequenceNo", sequence},
	}
	return h.call(ctx, "enquire", "transactionDetailsEnquiry", m)
}

func (h *Host) sealed(m Message, sequence string) Message {
	return append(m, Field{"sourceSystem", h.signer.SourceSystem}, Field{"sequenceNo", sequence})
}

const largestAnswer = 64 << 10

// call sends once and reads one signed answer.
func (h *Host) call(ctx context.Context, op, path string, m Message) (Reply, error) {
	body, err := h.signer.Sign(m)
	if err != nil {
		return Reply{}, &Error{Op: op, Class: NotStarted, Err: err}
	}
	var connected atomic.Bool
	traced := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	})
	req, err := http.NewRequestWithContext(traced, http.MethodPost, h.base+"/"+path, bytes.NewReader(body))
	if err != nil {
		return Reply{}, &Error{Op: op, Class: NotStarted, Err: errAddress}
	}
	req.GetBody = nil // nothing may read the body a second time
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("Accept", "application/json")

	res, err := h.http.Do(req)
	if err != nil {
		e := &Error{Op: op, Err: plain(err)}
		if !connected.Load() {
			e.Class = NotStarted
		}
		return Reply{}, e
	}
	defer func() { _ = res.Body.Close() }()
	return h.answer(op, res)
}

func (h *Host) answer(op string, res *http.Response) (Reply, error) {
	fail := func(err error) (Reply, error) {
		return Reply{}, &Error{Op: op, Status: res.StatusCode, Err: err}
	}
	raw, err := io.ReadAll(io.LimitReader(res.Body, largestAnswer))
	if err != nil {
		return fail(errors.New("the answer broke off"))
	}
	if kind, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type")); kind == "text/html" || res.StatusCode != http.StatusOK {
		return fail(errors.New("not an answer of Kayaaku"))
	}
	m, err := ParseMessage(bytes.TrimSpace(raw))
	if err != nil {
		return fail(err)
	}
	if err := h.signer.Verify(raw); err != nil {
		return fail(err)
	}
	return ReplyOf(m), nil
}

// plain is the cause without the address, whose path is the merchant's.
func plain(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}
