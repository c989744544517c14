package audit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"
)

// Action is what was done, in the words of the JSON face: a noun, a dot, a past
// participle.
type Action string

// The actions.
const (
	Installed       Action = "portal.installed"
	SettingsChanged Action = "settings.changed"
	RightsChanged   Action = "rights.changed"
	TerminalPaired  Action = "terminal.paired"
	TerminalAgain   Action = "terminal.paired_again"
	TerminalChanged Action = "terminal.changed"
	TerminalRetired Action = "terminal.retired"
	CardRefused     Action = "terminal.card_refused" // somebody's change of its card in the CRM was put back
	SettlementSet   Action = "settlement.chosen"
	FunctionStarted Action = "terminal.function"
	RefundStarted   Action = "payment.refunded"
	PaymentResolved Action = "payment.resolved"
	PaymentExported Action = "payment.exported"
	ReportExported  Action = "report.exported"
	KeysRotated     Action = "keys.rotated"
	KeysRetired     Action = "keys.retired"
)

// House is the chain of what concerns the installation and no portal.
const House = ""

// Line is one fact. Nothing in it is secret: names, ids and words for people.
type Line struct {
	PortalID  string `gorm:"primaryKey"`
	Seq       int64  `gorm:"primaryKey;autoIncrement:false"`
	At        time.Time
	ActorID   string // empty for the product itself
	ActorName string
	Action    Action
	Subject   string // the id of what it was done to
	Detail    string // in words
	Prev      string
	Hash      string
}

// TableName is the table of lines.
func (Line) TableName() string { return "audit_lines" }

// sum is the hash of everything that the line says and of the line before it.
func (l Line) sum() string {
	raw, _ := json.Marshal([]any{ // strings and numbers always marshal
		l.PortalID, l.Seq, l.At.UTC().Format(time.RFC3339Nano), l.ActorID, l.ActorName,
		l.Action, l.Subject, l.Detail, l.Prev,
	})
	hash := sha256.Sum256(raw)
	return hex.EncodeToString(hash[:])
}

// Head is the newest line of a chain.
type Head struct {
	PortalID string `gorm:"primaryKey"`
	Seq      int64
	Hash     string
}

// TableName is the table of heads.
func (Head) TableName() string { return "audit_heads" }

type actorKey struct{}

type actor struct{ id, name string }

// By names who acts in everything that is done with the context.
func By(ctx context.Context, id, name string) context.Context {
	return context.WithValue(ctx, actorKey{}, actor{id, name})
}

func actorOf(ctx context.Context) actor {
	a, _ := ctx.Value(actorKey{}).(actor)
	return a
}
