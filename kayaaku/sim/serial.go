package sim

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"time"
)

// cable is the device's end of the serial line.
type cable struct {
	sim  *Sim
	link string // the path that stays when the cable is plugged in again

	mu     sync.Mutex
	master *os.File
	keep   *os.File // our own hand on the other end, so that a till may come and go
}

// OpenCable plugs a cable in and answers the path of the till's end, a link in
// dir that stays the same when the cable is pulled and plugged in again.
func (s *Sim) OpenCable(dir string) (string, error) {
	if s.cable != nil {
		return "", errors.New("there is a cable already")
	}
	s.cable = &cable{sim: s, link: filepath.Join(dir, "ttyKAYAAKU")}
	return s.cable.link, s.Plug()
}

// Plug plugs the cable in (again); a device without one needs none.
func (s *Sim) Plug() error {
	c := s.cable
	if c == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.master != nil {
		return nil
	}
	master, name, err := openTerminal()
	if err != nil {
		return err
	}
	if c.keep, err = openRaw(name); err != nil {
		_ = master.Close()
		return err
	}
	next := c.link + ".next"
	_ = os.Remove(next)
	if err = errors.Join(os.Symlink(name, next), os.Rename(next, c.link)); err != nil {
		_, _ = master.Close(), c.keep.Close()
		return err
	}
	c.master = master
	s.wait.Go(func() { c.listen(master) })
	return nil
}

// Pull pulls the cable.
func (s *Sim) Pull() {
	if s.cable != nil {
		s.cable.pull()
	}
}

func (s *Sim) plugged() bool {
	if s.cable == nil {
		return false
	}
	s.cable.mu.Lock()
	defer s.cable.mu.Unlock()
	return s.cable.master != nil
}

func (c *cable) pull() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.master == nil {
		return
	}
	_ = os.Remove(c.link)
	_, _ = c.keep.Close(), c.master.Close()
	c.master, c.keep = nil, nil
}

func (c *cable) write(b []byte) {
	c.mu.Lock()
	master := c.master
	c.mu.Unlock()
	if master != nil {
		_, _ = master.Write(b)
	}
}

// listen reads requests until the cable is pulled.
func (c *cable) listen(master *os.File) {
	var line []byte
	piece := make([]byte, 4096)
	pullAt := c.pullAt()
	for {
		n, err := master.Read(piece)
		if err != nil {
			return
		}
		if pullAt > 0 && len(line)+n >= pullAt {
			c.sim.wait.Go(c.pull) // the rest of the request never arrives
			return
		}
		line = append(line, piece[:n]...)
		if pullAt == 0 {
			pullAt = c.pullAt()
		}
		for {
			text, rest, bad, more := unframe(line, c.sim.config.Lines)
			line = rest
			if more {
				break
			}
			if !bad { // a device cannot answer what it could not read
				c.sim.wait.Go(func() { c.request(text) })
			}
		}
	}
}

func (c *cable) pullAt() int {
	if c.sim.config.PullAt == nil {
		return 0
	}
	return c.sim.config.PullAt()
}

// Disturb lays rubbish on the line.
func (s *Sim) Disturb(noise []byte) {
	if s.cable != nil {
		s.cable.write(noise)
	}
}

var (
	twelveDigits   = regexp.MustCompile(`^[0-9]{12}$`)
	fourteenDigits = regexp.MustCompile(`^[0-9]{14}$`)
	ourTxnID       = regexp.MustCompile(`^[0-9A-Z]{1,20}$`)
)

// request does what one message asks. Text that is no object gets no answer.
func (c *cable) request(text []byte) {
	var in map[string]string
	if json.Unmarshal(text, &in) != nil {
		c.sim.violate("no flat object of texts on the cable: %.60q", text)
		return
	}
	id := in["TxnID"]
	if code := c.sim.wrongRequest(in); code != "" {
		c.reply(Record{TxnID: id, RespCd: code}, Approve)
		return
	}
	amount, _ := strconv.ParseInt(in["AmtTxn"], 10, 64)
	if in["TxnTyp"] == "VOD" {
		c.void(in, amount)
		return
	}
	c.sim.sell(Record{TxnID: id, Method: in["PmtType"], Amount: amount}, c.shown, c.reply)
}

// wrongRequest is the RespCd of a message that breaks the tables.
func (s *Sim) wrongRequest(in map[string]string) string {
	for _, name := range []string{"MsgVer", "CallerDeviceType", "CallerDeviceVer", "TxnID", "LocalTxnDTTime", "Email", "Pwd", "AmtTxn", "CrcyTxn", "TxnTyp"} {
		if in[name] == "" {
			return "64"
		}
	}
	switch {
	case in["Email"] != s.config.Email || in["Pwd"] != s.config.Password:
		return "38"
	case !ourTxnID.MatchString(in["TxnID"]):
		return "03"
	case !twelveDigits.MatchString(in["AmtTxn"]):
		return "22"
	case !fourteenDigits.MatchString(in["LocalTxnDTTime"]):
		return "25"
	case in["CrcyTxn"] != "458":
		return "34"
	case in["TxnTyp"] != "STX" && in["TxnTyp"] != "VOD":
		return "21"
	case in["TxnTyp"] == "STX" && in["PmtType"] != "00" && in["PmtType"] != "01" && in["PmtType"] != "04" && in["PmtType"] != "08":
		return "21"
	}
	return ""
}

// void finds the sale by the four references (reference kayaaku 1.5).
func (c *cable) void(in map[string]string, amount int64) {
	for _, r := range c.sim.Approvals() {
		if r.STAN == in["STAN"] && r.RRN == in["RRN"] && r.MRN == in["MRN"] && r.Auth == in["AuthIdResp"] && r.Amount == amount {
			c.reply(c.sim.reverse(Record{TxnID: in["TxnID"], Kind: "void", Of: r.TxnID, Method: r.Method, Amount: amount}), Approve)
			return
		}
	}
	c.reply(Record{TxnID: in["TxnID"], RespCd: "50"}, Approve)
}

// shown tells the till what the code holds, if the device does that at all.
func (c *cable) shown(r Record) {
	if c.sim.config.SendQR && (r.Method == "04" || r.Method == "08") {
		c.write(frame(pairs{"MsgVer", "1.0", "TxnID", r.TxnID, "QRCode", qrContent(r)}.object(), c.sim.config.Lines))
	}
}

// reply lays the answer on the line, with the fault that was asked for.
func (c *cable) reply(r Record, how Scenario) {
	if how == OtherTxnID {
		r.TxnID = "0000000000000000"
	}
	out := frame(answer(r).object(), c.sim.config.Lines)
	switch {
	case how == Noise:
		c.write([]byte("\xff\x00~~AT+CGMI\x15\x02\x7b\x22"))
		c.write(out)
	case how == BadCheck:
		out[len(out)-1] ^= 0x55
		c.write(out)
	case how == HalfReply:
		c.write(out[:len(out)/2])
		c.pause(50 * time.Millisecond)
		c.write(out[len(out)/2:])
	case how == CutReply:
		cut := len(out) * 2 / 3
		if c.sim.config.Cut != nil {
			cut = min(max(c.sim.config.Cut(len(out)), 0), len(out))
		}
		c.write(out[:cut])
		c.sim.Pull()
	case how == Unplug:
		c.sim.Pull()
	case how == ResultCodeAlone:
		c.write(frame(pairs{"MsgVer", "1.0", "TxnID", r.TxnID, "ResultCode", "0"}.object(), c.sim.config.Lines))
	default:
		c.write(out)
	}
}

func (c *cable) pause(d time.Duration) {
	select {
	case <-c.sim.closed:
	case <-time.After(d):
	}
}

// answer is the fields of reference kayaaku 1.4.
func answer(r Record) pairs {
	p := pairs{"MsgVer", "1.0", "TxnID", r.TxnID, "ResultCode", "00", "RespCd", r.RespCd}
	if r.RespCd != "00" {
		return p
	}
	p = append(p, "OrgRespCd", "00", "HTR", r.HTR)
	if r.Auth != "" {
		p = append(p, "AuthIdResp", r.Auth)
	}
	return append(p, "STAN", r.STAN, "RRN", r.RRN, "MRN", r.MRN,
		"TxnDTTime", r.At.UTC().Add(8*time.Hour).Format("20060102150405"), "PaymentScheme", r.Scheme)
}
