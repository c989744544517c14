package sim

import "net/url"

// Entry is the form post with which the portal opens a page of the app (reference bitrix24, 1.4).
type Entry struct {
	// URL is the handler with Query already in it; post Body to it, form-encoded.
	URL   string
	Query url.Values
	Body  url.Values
	// SID is the APP_SID, new for each entry.
	SID string
}

// InstallForm is the post that opens the installer for a user. The app counts as added to the portal from here on.
func (s *Sim) InstallForm(userID int) Entry {
	return s.InstallFormAt(mainMemberID, userID)
}

// InstallFormAt is InstallForm on the portal with this member id.
func (s *Sim) InstallFormAt(memberID string, userID int) Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.mustPortal(memberID)
	return s.entry(s.openInstaller(p, p.mustUser(userID)))
}

// EntryForm is the post that opens a placement (DEFAULT for the app's own page) for a user; entityID 0 leaves the
// options out. The address is the first handler bound to the placement, or the app's page when none is.
// It panics for a user who does not exist.
func (s *Sim) EntryForm(userID int, placement string, entityID int) Entry {
	return s.EntryFormAt(mainMemberID, userID, placement, entityID)
}

// LinkForm is the post that opens the app by a deep link with parameters of its own, such as invoice=77.
func (s *Sim) LinkForm(userID int, placement string, params map[string]string) Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.portals[0]
	return s.entry(s.openFrame(p, p.mustUser(userID), placement, s.cfg.AppURL+s.cfg.AppPath, params))
}

// EntryFormAt is EntryForm on the portal with this member id.
func (s *Sim) EntryFormAt(memberID string, userID int, placement string, entityID int) Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.mustPortal(memberID)
	handler := s.cfg.AppURL + s.cfg.AppPath
	if bound := p.app.bound(placement); len(bound) > 0 {
		handler = bound[0].handler
	}
	return s.entry(s.openFrame(p, p.mustUser(userID), placement, handler, entityOptions(placement, entityID)))
}

// entry is a frame for callers outside.
func (s *Sim) entry(f *frame) Entry {
	return Entry{URL: f.action(), Query: f.query(), Body: s.frameBody(f), SID: f.sid}
}

// mustPortal finds a portal that the test has named.
func (s *Sim) mustPortal(memberID string) *portal {
	for _, p := range s.portals {
		if p.memberID == memberID {
			return p
		}
	}
	panic("sim: no portal " + memberID)
}

// mustUser finds a user whom the test has named; a wrong one is the test's mistake.
func (p *portal) mustUser(id int) *user {
	u := p.user(id)
	if u == nil {
		panic("sim: no user " + itoa(id))
	}
	return u
}
