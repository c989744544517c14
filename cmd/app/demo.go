package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	bitrixsim "receivepayment/bitrix/sim"
	"receivepayment/cmd/app/house"
	"receivepayment/db"
	linklysim "receivepayment/linkly/sim"
)

// demoCmd runs the app on its embedded default between the two simulators.
type demoCmd struct {
	Portal  string `default:"127.0.0.1:8601" help:"Where the pretend portal listens."`
	Pad     string `default:"127.0.0.1:8602" help:"Where the virtual PIN pad listens."`
	Kayaaku string `default:"127.0.0.1:8603" help:"Where the pretend Kayaaku device listens."`
	Wild    bool   `help:"Let the simulators misbehave as the real services might."`
	Seed    int64  `default:"1" help:"Chooses when they misbehave."`
}

// Run serves until interrupted. The portal is on 127.0.0.1 and the app on
// localhost, which makes the app's frame a cross-site one, as in Bitrix24.
func (d demoCmd) Run(ctx context.Context, c house.Config) error {
	linkly := linklysim.New(linklysim.Config{Calm: !d.Wild, Seed: d.Seed, Now: db.Now})
	defer linkly.Close()
	terminal := linkly.AddTerminal(linklysim.TerminalConfig{
		Name: "Counter 1", Username: "demo", Password: "demo", Merchant: "Harbour Supplies",
	})
	portal := bitrixsim.New(bitrixsim.Config{
		AppURL: c.PublicURL, PublicHost: d.Portal, ClientID: house.DemoClientID, ClientSecret: house.DemoClientSecret,
		Calm: !d.Wild, Seed: d.Seed, Now: db.Now,
	})
	defer portal.Close()

	c.BitrixClientID, c.BitrixClientSecret = house.DemoClientID, house.DemoClientSecret
	c.BitrixOAuthURL = "http://" + d.Portal + "/auth"
	c.LinklyAuthURL, c.LinklyRestURL = "http://"+d.Pad, "http://"+d.Pad

	log := logger(c, os.Stderr)
	kayaaku, err := d.startKayaaku(ctx, c.PublicURL, log)
	if err != nil {
		return err
	}
	defer kayaaku.close()

	for addr, handler := range map[string]http.Handler{
		d.Portal: portal.Handler(), d.Pad: linkly.Handler(), d.Kayaaku: kayaaku.sim.Handler(),
	} {
		stop, err := serve(ctx, addr, handler)
		if err != nil {
			return err
		}
		defer stop()
	}

	h, err := house.Open(ctx, c, log)
	if err != nil {
		return err
	}
	defer h.Close()
	return h.Run(ctx, house.Serve, func(string) { d.tell(c, terminal.NewPairCode(), ringgitDeal(portal)) })
}

func (d demoCmd) tell(c house.Config, pairCode string, ringgit int) {
	fmt.Printf(`
  The portal with a deal    http://%s/
  The virtual PIN pad       http://%s/pad/
  The Kayaaku device        http://%s/device/
  The app's own page        %s/

  Pair the terminal in the app's settings with user name demo, password demo
  and pair code %s (the PIN pad shows the present one).
  Pair the Kayaaku device there too, and type the code that it gives you on the
  device's page; it takes ringgit, for which deal %d waits. Ctrl-C ends the demo.

`, d.Portal, d.Pad, d.Kayaaku, c.PublicURL, pairCode, ringgit)
}

func serve(ctx context.Context, addr string, handler http.Handler) (stop func(), err error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }()
	return func() { _ = server.Close() }, nil
}
