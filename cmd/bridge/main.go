// Command bridge is the program at the till: it carries payments from the
// server to a Kayaaku device on a serial cable. See docs/bridge.md.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"receivepayment/kayaaku/till"
)

// version is set when the program is built.
var version = "dev"

type commands struct {
	Dir string `env:"BRIDGE_DIR" help:"Folder with configuration, token and journal."`

	Setup   setupCmd   `cmd:"" help:"Write the configuration: server, port and the device's login."`
	Pair    pairCmd    `cmd:"" help:"Redeem the one-time code that the app's settings show."`
	Run     runCmd     `cmd:"" help:"Work until interrupted; the service does this."`
	Probe   probeCmd   `cmd:"" help:"Print what comes over the cable, logins and card numbers masked."`
	Ports   portsCmd   `cmd:"" help:"List the serial ports of this machine."`
	Service serviceCmd `cmd:"" help:"Install, start, stop or remove the service."`
	Version versionCmd `cmd:"" help:"Print the version."`
}

// defaultDir is where a service keeps its things.
func defaultDir() string {
	if base, err := os.UserConfigDir(); err == nil && os.Geteuid() > 0 { // below zero on Windows
		return filepath.Join(base, "receive-payment-bridge")
	}
	return systemDir
}

func main() {
	var c commands
	parser := kong.Must(&c, kong.Name("bridge"), kong.UsageOnError(),
		kong.Description("Carries payments from the server to a Kayaaku device at the till."))
	k, err := parser.Parse(os.Args[1:])
	parser.FatalIfErrorf(err)
	if c.Dir == "" {
		c.Dir = defaultDir()
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	k.BindTo(ctx, (*context.Context)(nil))
	k.Bind(&c)
	k.FatalIfErrorf(k.Run())
}

type setupCmd struct {
	Server   string `required:"" help:"The app's address, https://…"`
	Port     string `required:"" help:"Serial port: /dev/ttyUSB0, COM3, or usb:VID:PID."`
	Email    string `required:"" help:"Kayaaku login of the device."`
	Password string `env:"BRIDGE_PASSWORD" help:"Its password; asked for when left out."`
	Baud     int    `default:"115200" help:"Speed; many devices of the region use 9600."`
	Codec    string `default:"stx-json-xor" enum:"stx-json-xor,stx-json,json-lines,length-json-lrc" help:"How a message lies on the cable."`
}

// Run writes bridge.json. The password stays in it and goes nowhere else than
// to the device.
func (s setupCmd) Run(c *commands) error {
	if s.Password == "" {
		fmt.Print("Password of the device (it is shown while you type): ")
		if _, err := fmt.Scanln(&s.Password); err != nil {
			return fmt.Errorf("read the password: %w", err)
		}
	}
	config := till.Config{
		Server: s.Server, Port: s.Port, Email: s.Email, Password: s.Password, Baud: s.Baud, Codec: s.Codec,
	}
	if err := config.Check(); err != nil {
		return err
	}
	if err := config.Write(c.Dir); err != nil {
		return err
	}
	fmt.Println("Written. Now run: bridge pair CODE")
	return nil
}

type pairCmd struct {
	Code string `arg:"" help:"The one-time code."`
}

// Run exchanges the code for a token that can be revoked from the app.
func (p pairCmd) Run(ctx context.Context, c *commands) error {
	config, err := till.ReadConfig(c.Dir)
	if err != nil {
		return err
	}
	terminal, err := till.Pair(ctx, config.Server, p.Code, version, c.Dir)
	if err != nil {
		return err
	}
	fmt.Printf("Paired with %q.\n", terminal)
	return nil
}

type runCmd struct{}

// Run works until interrupted, or until the service manager says so.
func (runCmd) Run(ctx context.Context, c *commands) error { return runAsService(ctx, c.Dir) }

// work is the bridge itself.
func work(ctx context.Context, dir string) error {
	config, err := till.ReadConfig(dir)
	if err != nil {
		return err
	}
	b, err := till.Open(till.Options{
		Config: config, Dir: dir, Version: version, Now: time.Now,
		Log: slog.New(slog.NewTextHandler(os.Stderr, nil)), Hook: dies(),
	})
	if err != nil {
		return err
	}
	return b.Run(ctx)
}

type probeCmd struct{}

// Run listens to the port; the service must be stopped first.
func (probeCmd) Run(ctx context.Context, c *commands) error {
	config, err := till.ReadConfig(c.Dir)
	if err != nil {
		return err
	}
	return till.Probe(ctx, config, c.Dir, os.Stdout, time.Now)
}

type portsCmd struct{}

// Run lists what the system calls a serial port; others can be named by path.
func (portsCmd) Run() error {
	ports, err := till.ListPorts()
	if err != nil {
		return err
	}
	for _, p := range ports {
		fmt.Println(p)
	}
	return nil
}

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run() error {
	fmt.Println(version)
	return nil
}
