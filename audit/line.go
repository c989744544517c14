package audit

import (
	"context"
	"crypto/rand"
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
	PortalForgotten Action = "portal.forgotten" // in the house's chain: names and words of a portal's lines are gone
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
	RequestApproved Action = "refund_request.approved"
	RequestRejected Action = "refund_request.rejected"
	PaymentResolved Action = "payment.resolved"
	PaymentExported Action = "payment.exported"
	KeysRotated     Action = "keys.rotated"
	KeysRetired     Action = "keys.retired"
)

// Actions lists every one of them.
func Actions() []Action {
	return []Action{
		Installed, PortalForgotten, SettingsChanged, RightsChanged, TerminalPaired, TerminalAgain, TerminalChanged, TerminalRetired,
		CardRefused, SettlementSet, FunctionStarted, RefundStarted, RequestApproved, RequestRejected, PaymentResolved, PaymentExported,
		KeysRotated, KeysRetired,
	}
}

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
	// Salt and Cover bind the actor's name and the words to the line without being
	// them: once they are forgotten, the salt goes with them and the cover stays.
	// Lines of earlier versions have neither.
	Salt, Cover string
}

// TableName is the table of lines.
func (Line) TableName() string { return "audit_lines" }

// sum is the hash of everything that the line says and of the line before it.
func (l Line) sum() string {
	name, detail := l.ActorName, l.Detail
	if l.Cover != "" {
		name, detail = l.Cover, ""
	}
	return digest(l.PortalID, l.Seq, l.At.UTC().Format(time.RFC3339Nano), l.ActorID, name, l.Action, l.Subject, detail, l.Prev)
}

// covered answers the line with a cover over what may be forgotten one day. The
// salt keeps a name from being guessed from its hash.
func (l Line) covered() Line {
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails (crypto/rand)
	l.Salt = hex.EncodeToString(salt)
	l.Cover = l.cover()
	return l
}

func (l Line) cover() string { return digest(l.Salt, l.ActorName, l.Detail) }

// forgotten reports whether the line's name and words were taken away.
func (l Line) forgotten() bool { return l.Cover != "" && l.Salt == "" }

func digest(parts ...any) string {
	raw, _ := json.Marshal(parts) // strings and numbers always marshal
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
