package till

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"receivepayment/kayaaku"
)

// Config is the till's own file, bridge.json. The zero value of everything but
// the port works; the defaults are assumptions (reference kayaaku 5.4).
type Config struct {
	Server string `json:"server"` // the app's address
	Port   string `json:"port"`   // /dev/ttyUSB0, COM3, …, or usb:VID:PID
	Baud   int    `json:"baud,omitempty"`
	Data   int    `json:"dataBits,omitempty"`
	Parity string `json:"parity,omitempty"` // none, even, odd
	Stop   int    `json:"stopBits,omitempty"`
	Codec  string `json:"codec,omitempty"`
	// Ack is for lines whose device acknowledges each frame: a frame without
	// ACK counts as lost, and is sent again (at most three times in all) only
	// when Resend says that the device drops a TxnID that it knows.
	Ack    bool `json:"ack,omitempty"`
	Resend bool `json:"resend,omitempty"`

	Email    string `json:"email"`
	Password string `json:"password"`

	// AnswerWithin is how long the port is kept for one transaction.
	AnswerWithin Duration `json:"answerWithin,omitempty"`
}

// Duration is a time span as people write it: "3m".
type Duration time.Duration

// UnmarshalText reads "90s".
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	*d = Duration(parsed)
	return err
}

// MarshalText writes "1m30s".
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

const configFile = "bridge.json"

// ReadConfig reads the till's file. Its errors never quote its content.
func ReadConfig(dir string) (Config, error) {
	var c Config
	raw, err := os.ReadFile(filepath.Join(dir, configFile)) // #nosec G304 -- the till's own folder
	if errors.Is(err, os.ErrNotExist) {
		return c, fmt.Errorf("there is no %s in %s: run `bridge setup` first", configFile, dir)
	}
	if err != nil {
		return c, fmt.Errorf("read %s: %w", configFile, err)
	}
	if err := json.Unmarshal(raw, &c); err != nil {
		return c, fmt.Errorf("%s is not valid: %s", configFile, jsonPlace(err))
	}
	return c, c.Check()
}

// jsonPlace says where a file is wrong without what stands there.
func jsonPlace(err error) string {
	var wrongType *json.UnmarshalTypeError
	if errors.As(err, &wrongType) {
		return "look at " + wrongType.Field
	}
	return "it is no JSON"
}

// Write stores the file for its owner alone: it holds the device's password.
func (c Config) Write(dir string) error {
	raw, err := json.MarshalIndent(c, "", "  ") // #nosec G117 -- this file is where the device's password lives
	if err != nil {
		return fmt.Errorf("write %s: %w", configFile, err)
	}
	return writePrivate(filepath.Join(dir, configFile), append(raw, '\n'))
}

// writePrivate replaces a file in one step.
func writePrivate(path string, raw []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("make the folder: %w", err)
	}
	next := path + ".next"
	if err := os.WriteFile(next, raw, 0o600); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	if err := os.Rename(next, path); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	return nil
}

// Check says what a person must mend.
func (c Config) Check() error {
	if c.Port == "" {
		return errors.New("name the serial port of the device")
	}
	if len(c.Email) > 100 || len(c.Password) > 16 {
		return errors.New("the e-mail has at most 100 characters, the password 16")
	}
	if _, err := kayaaku.NewCodec(c.Codec); err != nil {
		return err
	}
	_, err := c.mode()
	return err
}

func (c Config) answerWithin() time.Duration {
	if c.AnswerWithin > 0 {
		return time.Duration(c.AnswerWithin)
	}
	return 3 * time.Minute
}
