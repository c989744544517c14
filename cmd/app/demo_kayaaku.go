package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"

	bitrixsim "receivepayment/bitrix/sim"
	"receivepayment/db"
	kayaakusim "receivepayment/kayaaku/sim"
	"receivepayment/kayaaku/till"
)

// kayaakuDemo is the third device: a pretend Kayaaku with a pretend cable, and
// the till's bridge, which its page pairs with a one-time code.
type kayaakuDemo struct {
	sim *kayaakusim.Sim
	dir string
	log *slog.Logger

	config till.Config
	mu     sync.Mutex
	stop   func()
}

// startKayaaku readies the device. Where no pretend cable can be laid, its host
// can still be used.
func (d demoCmd) startKayaaku(ctx context.Context, publicURL string, log *slog.Logger) (*kayaakuDemo, error) {
	merchant, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, fmt.Errorf("make demo keys: %w", err)
	}
	host, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, fmt.Errorf("make demo keys: %w", err)
	}
	dir, err := os.MkdirTemp("", "receive-payment-till-")
	if err != nil {
		return nil, fmt.Errorf("make the till's folder: %w", err)
	}
	k := &kayaakuDemo{dir: dir, log: log, sim: kayaakusim.New(kayaakusim.Config{
		Now: db.Now, SendQR: true, Rich: true, Merchant: &merchant.PublicKey, Host: host,
	})}
	k.sim.Describe(setupText(d.Kayaaku, merchant, host))
	port, err := k.sim.OpenCable(dir)
	if err != nil {
		log.Info("the pretend device has no cable here", "error", err)
		return k, nil
	}
	k.config = till.Config{Server: publicURL, Port: port, Email: kayaakusim.DemoEmail, Password: kayaakusim.DemoPassword}
	k.sim.OnPair(func(code string) error { return k.pair(ctx, code) })
	return k, nil
}

// pair redeems a code and runs the bridge in this process.
func (k *kayaakuDemo) pair(ctx context.Context, code string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, err := till.Pair(ctx, k.config.Server, code, "demo", k.dir); err != nil {
		return err
	}
	k.halt()
	b, err := till.Open(till.Options{Config: k.config, Dir: k.dir, Version: "demo", Log: k.log, Now: db.Now})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := b.Run(ctx); err != nil && !errors.Is(err, context.Canceled) {
			k.log.Warn("the demo's bridge ended", "error", err)
		}
	}()
	k.stop = func() { cancel(); <-ended }
	return nil
}

func (k *kayaakuDemo) halt() {
	if k.stop != nil {
		k.stop()
		k.stop = nil
	}
}

func (k *kayaakuDemo) close() {
	k.mu.Lock()
	k.halt()
	k.mu.Unlock()
	k.sim.Close()
	_ = os.RemoveAll(k.dir)
}

// setupText is what to enter for the pretend host; the keys are made anew with
// each demo and are good for nothing else.
func setupText(addr string, merchant, host *rsa.PrivateKey) string {
	der, err := x509.MarshalPKIXPublicKey(&host.PublicKey)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("Address        http://%s/thirdparty\nSource system  %s\nMerchant id    %s\nE-mail         %s\nSerial number  %s\n\nYour private key\n%s\nFinexus' public key\n%s",
		addr, kayaakusim.DemoSourceSystem, kayaakusim.DemoMID, kayaakusim.DemoEmail, kayaakusim.DemoSerial,
		pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(merchant)}),
		pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

// ringgitDeal is a deal that a Kayaaku device can take money for.
func ringgitDeal(portal *bitrixsim.Sim) int {
	return portal.AddDeal(bitrixsim.NewDeal{
		Title: "Penang marina fittings", Currency: "MYR", Lines: []bitrixsim.Line{{Name: "Mooring set", Price: "148.50", Quantity: 2}},
	})
}
