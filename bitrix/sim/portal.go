package sim

import (
	"crypto/rand"
	"encoding/hex"
	"strconv"
)

// portal is one Bitrix24 account with its users, its CRM and its copy of the app. The Sim's lock guards it.
type portal struct {
	memberID  string
	domain    string
	oldDomain string
	users     []*user

	departments []Department
	app         installation

	items      map[int]map[int]*item
	rows       map[ownerKey][]*productRow
	categories []category
	statuses   []*status
	currencies []currency
	userFields []*userField
	// required lists fields that must be filled when an item enters the stage.
	required map[string][]string
	// unfilterable fields are refused in filters, as the real service might do with xmlId (reference bitrix24, D.5).
	unfilterable map[string]bool

	orders      []*order
	personTypes []personType
	paySystems  []*paySystem

	timeline      []*timelineEntry
	activities    []*activity
	notifications []*Notification
	payDocs       []*PaymentDocument
	smartTypes    []*smartType
	triggers      []*trigger
	fired         []FiredTrigger
	robots        []*robot
	workflows     []*Workflow
	// withdrawn methods are those that an older portal does not have.
	withdrawn map[string]bool
	lastID    map[string]int
}

// user is an employee. The zero rights are none at all.
type user struct {
	id       int
	name     string
	lastName string
	position string
	admin    bool
	rights   Rights

	departments []int
	dismissed   bool
	language    string // of the interface, as Bitrix24 names it; empty means English
}

func (u *user) lang() string {
	if u.language == "" {
		return "en"
	}
	return u.language
}

// Rights are what a user may do; an administrator may do everything. See Sim.SetRights.
type Rights struct {
	// Read and Write are the CRM rights on deals, invoices and clients.
	Read, Write bool
	// MoveStage allows to change the stage of what may be written.
	MoveStage bool
	// App is false when the administrator does not let this user open the app.
	App bool
}

// installation is the app as the portal knows it.
type installation struct {
	id    int
	added bool
	// expired says that the paid period is over.
	expired     bool
	finished    bool
	version     int
	status      string
	token       string
	scopes      []string
	placements  []*placementBinding
	events      []*eventBinding
	payHandlers []string
	options     map[string]string
	userOptions map[int]map[string]string
	opened      map[int]bool
}

// newPortal is an empty account, the app not yet added.
func newPortal(memberID, domain string, cfg Config) *portal {
	return &portal{
		memberID: memberID,
		domain:   domain,
		items:    map[int]map[int]*item{},
		rows:     map[ownerKey][]*productRow{},
		required: map[string][]string{},
		lastID:   map[string]int{},

		unfilterable: map[string]bool{},
		withdrawn:    map[string]bool{},

		app: installation{
			id: 5, version: 1, status: "F", scopes: cfg.Scopes, token: randomHex(16),
			options: map[string]string{}, userOptions: map[int]map[string]string{}, opened: map[int]bool{},
		},
	}
}

// user finds an employee, nil when there is none.
func (p *portal) user(id int) *user {
	for _, u := range p.users {
		if u.id == id {
			return u
		}
	}
	return nil
}

// nextID counts per kind; seeded data sets where it starts.
func (p *portal) nextID(kind string) int {
	p.lastID[kind]++
	return p.lastID[kind]
}

// restURL is the client_endpoint. It follows the domain, so apps that keep an old one meet a 302.
func (p *portal) restURL() string { return "http://" + p.domain + "/rest/" }

func (u *user) fullName() string { return u.name + " " + u.lastName }

func (u *user) idText() string { return strconv.Itoa(u.id) }

// may asks for a right.
func (u *user) may(right func(Rights) bool) bool { return u.admin || right(u.rights) }

// canRead and the functions after it are the rights that methods ask for; to write includes to read.
func canRead(r Rights) bool  { return r.Read }
func canWrite(r Rights) bool { return r.Read && r.Write }
func canMove(r Rights) bool  { return r.Read && r.Write && r.MoveStage }
func canOpen(r Rights) bool  { return r.App }

// randomHex is n random bytes as hex. The system's source does not fail.
func randomHex(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}
