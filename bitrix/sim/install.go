package sim

// FinishInstall is what installFinish does in the browser: widgets appear and events flow from now on. It has no
// effect when the app is not being installed.
func (s *Sim) FinishInstall() {
	s.mu.Lock()
	defer s.unlock()
	s.finishInstall(s.portals[0], 1)
}

// finishInstall does nothing outside the install stage, like the real one. The lock must be held.
func (s *Sim) finishInstall(p *portal, userID int) {
	if !p.app.added || p.app.finished {
		return
	}
	p.app.finished = true
	s.touch()
	s.raise(p, "ONAPPINSTALL", map[string]string{
		"VERSION": itoa(p.app.version), "ACTIVE": "Y", "INSTALLED": "Y", "LANGUAGE_ID": "en",
	}, userID)
}

// Installed says whether the app's installation on the main portal was finished.
func (s *Sim) Installed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.portals[0].app.finished
}

// Uninstall removes the app: ONAPPUNINSTALL goes out without tokens, then every token, placement and handler is gone.
// Options survive unless clean (reference bitrix24, 1.1 and 1.5).
func (s *Sim) Uninstall(clean bool) {
	s.mu.Lock()
	defer s.unlock()
	p := s.portals[0]
	if !p.app.added {
		return
	}
	cleanText := "0"
	if clean {
		cleanText = "1"
		p.app.options, p.app.userOptions = map[string]string{}, map[int]map[string]string{}
	}
	s.raise(p, "ONAPPUNINSTALL", map[string]string{"LANGUAGE_ID": "en", "CLEAN": cleanText}, 1)
	s.revokeAll(p)
	p.app.added, p.app.finished = false, false
	p.app.placements, p.app.events = nil, nil
	p.triggers, p.robots = nil, nil
	p.removePaySystems()
	p.app.opened = map[int]bool{}
	p.app.token = randomHex(16)
	s.touch()
}

// UpdateApp publishes a new version: ONAPPUPDATE carries a new application token, handlers and placements are gone
// and an administrator is sent to the installer again (reference bitrix24, 1.5).
func (s *Sim) UpdateApp() {
	s.mu.Lock()
	defer s.unlock()
	p := s.portals[0]
	previous := p.app.version
	p.app.version++
	p.app.token = randomHex(16)
	s.raise(p, "ONAPPUPDATE", map[string]string{
		"VERSION": itoa(p.app.version), "PREVIOUS_VERSION": itoa(previous), "LANGUAGE_ID": "en",
	}, 1)
	p.app.finished = false
	p.app.placements, p.app.events = nil, nil
	s.touch()
}

// FireEvent sends an event about nothing that happened to the handlers bound to it. fields go to data[FIELDS][…], or
// to data[…] for ONAPP… events. It says how many handlers there were.
func (s *Sim) FireEvent(event string, fields map[string]string) int {
	s.mu.Lock()
	defer s.unlock()
	before := len(s.outbox)
	s.raise(s.portals[0], event, fields, 1)
	return len(s.outbox) - before
}

// WaitEvents returns when every event so far was delivered or given up.
func (s *Sim) WaitEvents() { s.work.wait() }

// ExpirePayment ends the app's paid period, or begins a new one; ONAPPPAYMENT goes out.
func (s *Sim) ExpirePayment(expired bool) {
	s.mu.Lock()
	defer s.unlock()
	p := s.portals[0]
	p.app.expired = expired
	s.raise(p, "ONAPPPAYMENT", map[string]string{
		"CODE": s.cfg.AppCode, "VERSION": itoa(p.app.version), "STATUS": p.app.status, "PAYMENT_EXPIRED": yesNo(expired),
		"LANGUAGE_ID": "en",
	}, 0)
}
