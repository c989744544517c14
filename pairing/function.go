package pairing

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"receivepayment/audit"
	"receivepayment/db"
	"receivepayment/jobs"
	"receivepayment/payments"
)

// FunctionKind is what a terminal can do beside taking money.
type FunctionKind string

// The functions. Only a settlement changes anything at the bank.
const (
	Logon         FunctionKind = "logon"
	StatusCheck   FunctionKind = "status"
	Reprint       FunctionKind = "reprint"
	Settlement    FunctionKind = "settlement"
	PreSettlement FunctionKind = "presettlement"
	Totals        FunctionKind = "totals"
)

// FunctionKinds lists them, harmless ones first.
func FunctionKinds() []FunctionKind {
	return []FunctionKind{Logon, StatusCheck, Reprint, Totals, PreSettlement, Settlement}
}

// Closes reports whether it is about the bank's day, which is for those who
// settle.
func (k FunctionKind) Closes() bool {
	return k == Settlement || k == PreSettlement || k == Totals
}

// FunctionState is where a function stands.
type FunctionState string

// The states. Unknown means that it may have happened: nobody told, and there
// is no question to ask (reference linkly 5.4).
const (
	FunctionCreated FunctionState = "created"
	FunctionSent    FunctionState = "sent"
	FunctionDone    FunctionState = "done"
	FunctionFailed  FunctionState = "failed"
	FunctionUnknown FunctionState = "unknown"
)

// Over reports whether nothing will change any more.
func (s FunctionState) Over() bool { return s != FunctionCreated && s != FunctionSent }

// Function is one run: domain type and row at once. Like a payment it is stored
// with its own session before anything is sent, and sent once.
type Function struct {
	ID         string `gorm:"primaryKey"`
	PortalID   string
	TerminalID string
	PairingID  string
	Kind       FunctionKind
	SessionID  string
	NotifyHash string
	State      FunctionState
	Code, Text string           // what the terminal said in the end
	Display    payments.Display `gorm:"serializer:json"`
	ByID       string           // empty where the chosen time began it
	ByName     string
	CreatedAt  time.Time
	SentAt     *time.Time
	EndedAt    *time.Time
	DueAt      *time.Time

	Receipts []FunctionReceipt `gorm:"-"`
}

// TableName is the table of functions.
func (Function) TableName() string { return "terminal_functions" }

// FunctionReceipt is a slip that came with it.
type FunctionReceipt struct {
	FunctionID string `gorm:"primaryKey"`
	Hash       string `gorm:"primaryKey"`
	Type       string
	Text       string
	At         time.Time
}

// TableName is the table of such slips.
func (FunctionReceipt) TableName() string { return "function_receipts" }

const (
	functionLease = 15 * time.Second
	// functionWait is how long a sent function may stay without a word: the
	// terminal's own three minutes (reference linkly 4) and some for the way.
	functionWait = 4 * time.Minute
)

func (f Function) hold(t Terminal) payments.Hold {
	return payments.Hold{
		TerminalID: f.TerminalID, TerminalName: t.Name, ID: f.ID, What: string(f.Kind), ByID: f.ByID, ByName: f.ByName,
	}
}

// Begin stores a function and asks for it to be sent. The terminal is held from
// here on: [payments.ErrTerminalBusy] while a payment or another function has it,
// [ErrNotPaired] where it has no pairing that works.
func (s *Terminals) Begin(ctx context.Context, portalID, id string, kind FunctionKind, by payments.Person) (Function, error) {
	if !slices.Contains(FunctionKinds(), kind) {
		return Function{}, payments.Invalid("function", "There is no such function.")
	}
	t, err := find(s.DB.WithContext(ctx), portalID, id)
	if err != nil {
		return Function{}, err
	}
	if t.Provider != LinklyProvider {
		return Function{}, payments.Invalid("function", "This terminal has no functions of its own.")
	}
	if t.Status == Retired || t.Status == Proving || t.PairingID == "" {
		return Function{}, ErrNotPaired
	}
	now := s.Clock()
	f := Function{
		ID: newID("f_"), PortalID: portalID, TerminalID: id, PairingID: t.PairingID, Kind: kind,
		SessionID: uuid.NewString(), State: FunctionCreated, ByID: by.ID, ByName: by.Name, CreatedAt: now, DueAt: &now,
	}
	err = s.DB.InTx(ctx, func(tx *gorm.DB) error {
		if err := s.Payments.HoldIn(tx, f.hold(t), functionLease*2); err != nil {
			return err
		}
		if err := tx.Create(&f).Error; err != nil {
			return err
		}
		return s.audit(tx, t, audit.FunctionStarted, string(kind)+" on "+t.Name)
	})
	if err != nil {
		return Function{}, fmt.Errorf("begin function: %w", err)
	}
	s.enqueueFunction(ctx, f.ID)
	return f, nil
}

func (s *Terminals) enqueueFunction(ctx context.Context, id string) {
	s.Bell.Ring(ctx, id)
	if err := s.Queue.Now(ctx, jobs.Function, id); err != nil {
		s.Log.WarnContext(ctx, "the janitor will run the function", "function", id, "error", err)
	}
}

// Function reads one with its slips; another portal's is [db.ErrNotFound].
func (s *Terminals) Function(ctx context.Context, portalID, terminalID, id string) (Function, error) {
	var f Function
	tx := s.DB.WithContext(ctx)
	err := tx.Where("id = ? AND portal_id = ? AND terminal_id = ?", id, portalID, terminalID).Take(&f).Error
	if err != nil {
		return f, fmt.Errorf("read function: %w", db.NotFound(err))
	}
	err = tx.Where("function_id = ?", id).Order("at, hash").Find(&f.Receipts).Error
	return f, err
}

// Functions lists a terminal's latest, newest first, without their slips.
func (s *Terminals) Functions(ctx context.Context, portalID, terminalID string) ([]Function, error) {
	var out []Function
	err := s.DB.WithContext(ctx).Where("portal_id = ? AND terminal_id = ?", portalID, terminalID).
		Order("created_at DESC, id").Limit(20).Find(&out).Error
	if err != nil {
		return nil, fmt.Errorf("list functions: %w", err)
	}
	return out, nil
}

// PressFunction passes a key to the terminal, if its latest display allows it.
func (s *Terminals) PressFunction(ctx context.Context, f Function, k payments.Key, data string) error {
	if f.State != FunctionSent || !f.Display.Allows(k) {
		return payments.ErrKeyNotEnabled
	}
	t, err := find(s.DB.WithContext(ctx), f.PortalID, f.TerminalID)
	if err != nil {
		return err
	}
	pad, err := s.Linkly.bind(ctx, t, f.PairingID)
	if err != nil {
		return err
	}
	if err := pad.SendKey(ctx, f.SessionID, keyOf(k), data); err != nil {
		return errors.Join(payments.ErrUpstream, err)
	}
	return nil
}

// DueFunctions lists what waits to be sent or to be given up, for the janitor.
func (s *Terminals) DueFunctions(ctx context.Context, limit int) ([]jobs.Due, error) {
	return jobs.Rows{Kind: jobs.Function}.Overdue(s.DB.WithContext(ctx).Model(&Function{}), s.Clock(), limit)
}

// DueSettlements lists terminals whose chosen time for a settlement has come.
func (s *Terminals) DueSettlements(ctx context.Context, limit int) ([]jobs.Due, error) {
	return jobs.Rows{Kind: jobs.Settle, Column: "settle_due"}.Overdue(s.DB.WithContext(ctx).Model(&Terminal{}), s.Clock(), limit)
}
