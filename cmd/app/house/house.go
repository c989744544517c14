package house

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"receivepayment/access"
	"receivepayment/audit"
	"receivepayment/bitrix"
	"receivepayment/db"
	"receivepayment/echoes"
	"receivepayment/invoices"
	"receivepayment/jobs"
	"receivepayment/linkly"
	"receivepayment/migrations"
	"receivepayment/mirror"
	"receivepayment/notices"
	"receivepayment/pairing"
	"receivepayment/payments"
	"receivepayment/practice"
	"receivepayment/receipts"
	"receivepayment/secrets"
	"receivepayment/web"
)

// What the product calls itself towards Linkly. Name and version must equal
// what is declared for accreditation, and the vendor id never changes
// (reference linkly 3).
const (
	posName     = "Receive Payment"
	posVersion  = "1.0.0"
	posVendorID = "ebe45ca3-367c-4145-b27d-d392f0b58c76"
)

// House is every part of the product, wired.
type House struct {
	Config     Config
	DB         *db.DB
	Payments   *payments.Service
	Portals    *pairing.Portals
	Terminals  *pairing.Terminals
	WriteBacks *invoices.WriteBacks
	Requests   *invoices.Requests
	Changes    *invoices.Changes
	Notices    *notices.Service
	Mirror     *mirror.Mirror
	Receipts   *receipts.Service
	Vault      *pairing.Vault
	Web        *web.Server
	Log        *slog.Logger

	redis    asynq.RedisClientOpt
	embedded *jobs.Embedded
	client   *redis.Client
	queue    *jobs.Queue
	bell     *jobs.Bell
	linkly   map[string]*linkly.Client
	kayaaku  *pairing.Kayaaku
	practice *practice.Gateway
}

// Open connects, migrates and wires. The caller closes the house.
func Open(ctx context.Context, c Config, log *slog.Logger) (*House, error) {
	c, err := c.Checked()
	if err != nil {
		return nil, err
	}
	h := &House{Config: c, Log: log}
	if err := h.open(ctx); err != nil {
		h.Close()
		return nil, err
	}
	return h, nil
}

func (h *House) open(ctx context.Context) error {
	var keys *secrets.Keys
	var err error
	if h.DB, keys, err = store(ctx, h.Config); err != nil {
		return err
	}
	h.Vault = &pairing.Vault{DB: h.DB, Keys: keys, Log: h.Log}
	if err := h.Vault.Check(ctx); err != nil {
		return err
	}
	if err := h.openRedis(); err != nil {
		return err
	}
	return h.wire(keys) //nolint:contextcheck // the parts outlive this context; requests bring their own
}

// Store opens the keys and the migrated database alone, for the commands that
// look after them. The caller closes the database.
func Store(ctx context.Context, c Config) (*db.DB, *secrets.Keys, error) {
	c, err := c.Checked()
	if err != nil {
		return nil, nil, err
	}
	return store(ctx, c)
}

func store(ctx context.Context, c Config) (*db.DB, *secrets.Keys, error) {
	keys, err := keysOf(c)
	if err != nil {
		return nil, nil, err
	}
	d, err := db.Open(ctx, c.DatabaseURL, c.DataDir)
	if err != nil {
		return nil, nil, err
	}
	if err := migrations.Up(ctx, d); err != nil {
		_ = d.Close()
		return nil, nil, err
	}
	return d, keys, nil
}

func keysOf(c Config) (*secrets.Keys, error) {
	if c.SecretKeys != "" {
		return secrets.Load(c.SecretKeys)
	}
	return secrets.LoadOrCreate(filepath.Join(c.DataDir, "keys"))
}

// openRedis is the one place that knows whether Redis is inside or outside.
func (h *House) openRedis() error {
	if h.Config.RedisURL == "" {
		embedded, err := jobs.StartEmbedded()
		if err != nil {
			return err
		}
		h.embedded = embedded
		h.redis = asynq.RedisClientOpt{Addr: embedded.Addr()}
	} else {
		o, err := redis.ParseURL(h.Config.RedisURL)
		if err != nil {
			return fmt.Errorf("read REDIS_URL: not an address of Redis")
		}
		h.redis = asynq.RedisClientOpt{
			Network: o.Network, Addr: o.Addr, Username: o.Username, Password: o.Password, DB: o.DB, TLSConfig: o.TLSConfig,
		}
	}
	// What is asked of this one may be left undone: nobody waits longer for it
	// than the call's own context allows.
	h.client = redis.NewClient(&redis.Options{
		Addr: h.redis.Addr, Username: h.redis.Username, Password: h.redis.Password, DB: h.redis.DB, TLSConfig: h.redis.TLSConfig,
		ContextTimeoutEnabled: true, MaxRetries: -1,
	})
	h.queue = jobs.NewQueue(h.redis)
	h.bell = jobs.NewBell(h.client, h.Log)
	return nil
}

func (h *House) wire(keys *secrets.Keys) error {
	c := h.Config
	portalClient, err := bitrix.New(bitrix.Config{
		ClientID: c.BitrixClientID, ClientSecret: c.BitrixClientSecret, Now: db.Now,
		AuthServers: strings.Split(c.BitrixOAuthURL, ","),
		Limiter:     jobs.NewAllowance(h.client, c.BitrixRate, c.BitrixBurst, db.Now, h.Log),
	})
	if err != nil {
		return err
	}
	if h.linkly, err = h.linklyClients(); err != nil {
		return err
	}

	gateway := &pairing.Linkly{
		DB: h.DB, Clock: db.Now, Keys: keys, Clients: h.linkly, PublicURL: c.PublicURL, Log: h.Log,
	}
	h.kayaaku = (&pairing.Kayaaku{DB: h.DB, Clock: db.Now, Keys: keys, Bell: h.bell, FirstGap: c.EnquiryGap, Log: h.Log}).Start()
	h.practice = (&practice.Gateway{Clock: db.Now, Beat: c.PracticeBeat, Log: h.Log}).Start()
	h.Payments = payments.New(payments.Config{
		DB: h.DB, Clock: db.Now, Timing: c.timing(), Queue: h.queue, Bell: h.bell, Log: h.Log,
		Gateways: map[string]payments.Gateway{
			pairing.LinklyProvider: gateway, pairing.KayaakuProvider: h.kayaaku, payments.PracticeProvider: h.practice,
		},
	})
	h.kayaaku.Payments, h.practice.Payments = h.Payments, h.Payments
	h.Portals = &pairing.Portals{
		DB: h.DB, Clock: db.Now, Keys: keys, Bitrix: portalClient, Payments: h.Payments, Log: h.Log,
		Handler: c.PublicURL + "/bitrix/app", EventHandler: c.PublicURL + "/bitrix/events",
		OnDismiss: access.Forget,
	}
	h.Notices = &notices.Service{DB: h.DB, Clock: db.Now, Queue: h.queue, Send: h.Portals.Notify, Log: h.Log}
	post, err := c.post()
	if err != nil {
		return err
	}
	h.Receipts = &receipts.Service{
		DB: h.DB, Clock: db.Now, Queue: h.queue, Bell: h.bell, Payments: h.Payments, Voice: h.Portals.Voice, Post: post, Log: h.Log,
	}
	rights := &access.Rights{DB: h.DB, Clock: db.Now}
	h.Terminals = &pairing.Terminals{
		DB: h.DB, Clock: db.Now, Keys: keys, Linkly: gateway, Kayaaku: h.kayaaku, Payments: h.Payments,
		Queue: h.queue, Bell: h.bell, Notices: h.Notices, Log: h.Log,
		Keepers: func(ctx context.Context, portalID string) ([]string, error) {
			return rights.With(ctx, portalID, access.Pair)
		},
	}
	h.Portals.Terminals = h.Terminals
	echo := &echoes.Echoes{DB: h.DB, Clock: db.Now}
	h.Mirror = &mirror.Mirror{
		DB: h.DB, Clock: db.Now, CRM: h.Portals, Terminals: h.Terminals, Echoes: echo, Queue: h.queue, Log: h.Log,
		May: func(ctx context.Context, portalID, userID string) (string, bool, error) {
			return rights.May(ctx, portalID, userID, access.Pair)
		},
	}
	h.Terminals.OnChange = h.Mirror.Changed
	h.WriteBacks = &invoices.WriteBacks{
		DB: h.DB, Clock: db.Now, CRM: h.Portals, Payments: h.Payments, Queue: h.queue, Bell: h.bell, Notices: h.Notices, Echoes: echo, Log: h.Log,
	}
	h.Requests = &invoices.Requests{DB: h.DB, Clock: db.Now, CRM: h.Portals, Queue: h.queue, Notices: h.Notices, Log: h.Log}
	documents := &invoices.Service{DB: h.DB, Clock: db.Now, CRM: h.Portals, Payments: h.Payments}
	h.Changes = &invoices.Changes{
		DB: h.DB, Clock: db.Now, Service: documents, Payments: h.Payments, WriteBacks: h.WriteBacks, Echoes: echo, Queue: h.queue, Log: h.Log,
	}
	h.Portals.Look = h.Changes.Look
	h.Web, err = web.New(web.Config{
		Payments:   h.Payments,
		Invoices:   documents,
		WriteBacks: h.WriteBacks,
		Changes:    h.Changes,
		Requests:   h.Requests,
		Wishes:     &invoices.Wishes{DB: h.DB, Clock: db.Now, CRM: h.Portals, RobotHandler: c.PublicURL + "/bitrix/robot"},
		Portals:    h.Portals,
		Terminals:  h.Terminals,
		Bridges:    h.kayaaku,
		Callbacks:  &pairing.Callbacks{Terminals: h.Terminals, Payments: h.Payments},
		Rights:     rights,
		Mirror:     h.Mirror,
		Notices:    h.Notices,
		Receipts:   h.Receipts,
		Audit:      &audit.Log{DB: h.DB},
		Bell:       h.bell,
		Once:       jobs.NewOnce(h.client, db.Now, h.Log),
		Keys:       keys,
		Now:        db.Now,
		PublicURL:  c.PublicURL,
		Ready:      h.Ready,
		Log:        h.Log,
	})
	return err
}

func (h *House) linklyClients() (map[string]*linkly.Client, error) {
	hosts := map[string]linkly.Hosts{pairing.Sandbox: linkly.Sandbox(), pairing.Production: linkly.Production()}
	out := map[string]*linkly.Client{}
	for environment, at := range hosts {
		if h.Config.LinklyAuthURL != "" {
			at = linkly.Hosts{Auth: h.Config.LinklyAuthURL, Rest: h.Config.LinklyRestURL}
		}
		client, err := linkly.New(linkly.Config{
			AuthURL: at.Auth, RestURL: at.Rest, POSName: posName, POSVersion: posVersion, POSVendorID: posVendorID,
			SendTimeout: h.Config.SendTimeout, Now: db.Now,
		})
		if err != nil {
			return nil, fmt.Errorf("linkly %s: %w", environment, err)
		}
		out[environment] = client
	}
	return out, nil
}

// handlers says what each kind of job does.
func (h *House) handlers() jobs.Handlers {
	return jobs.Handlers{
		jobs.Purchase:  h.Payments.Step,
		jobs.Refund:    h.Payments.Step,
		jobs.WriteBack: h.WriteBacks.Seated,
		jobs.Request:   h.Requests.Step,
		jobs.Prove:     h.Terminals.Prove,
		jobs.Open:      h.Terminals.OpeningCheck,
		jobs.Function:  h.Terminals.StepFunction,
		jobs.Settle:    h.Terminals.StepSettle,
		jobs.Notice:    h.Notices.Step,
		jobs.Mailing:   h.Receipts.Step,
		jobs.People:    h.Portals.ReadDirectory,
		jobs.Mirror:    h.Mirror.Step,
		jobs.Tend:      h.Portals.Tend,
		jobs.Change:    h.Changes.Seated,
	}
}

// Ready reports what keeps this process from serving: database, schema, Redis.
func (h *House) Ready(ctx context.Context) error {
	if err := h.DB.Ping(ctx); err != nil {
		return err
	}
	if err := migrations.Check(ctx, h.DB); err != nil {
		return err
	}
	if err := h.client.Ping(ctx).Err(); err != nil {
		return fmt.Errorf("reach redis: %w", err)
	}
	return nil
}

// Close lets everything go, in the reverse order of opening.
func (h *House) Close() {
	if h.practice != nil {
		h.practice.Close()
	}
	if h.kayaaku != nil {
		h.kayaaku.Close()
	}
	for _, c := range h.linkly {
		c.Close()
	}
	if h.queue != nil {
		_ = h.queue.Close()
	}
	if h.client != nil {
		_ = h.client.Close()
	}
	if h.embedded != nil {
		h.embedded.Close()
	}
	if h.DB != nil {
		_ = h.DB.Close()
	}
}
