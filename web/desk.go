package web

import (
	"receivepayment/access"
	"receivepayment/words"
)

// deskTabs is what each part of the app's own page carries: who looks, and at
// which part.
type deskTabs struct {
	Who caller
	Tab string
}

// tabView is one part of the page in its navigation.
type tabView struct {
	Name    string
	Title   words.Key
	Address string
	Here    bool
}

// Tabs are the parts that the viewer may open; somebody who only takes payments
// has one, and needs no navigation.
func (v deskTabs) Tabs() []tabView {
	all := []struct {
		tabView
		may bool
	}{
		{tabView{Name: "terminals", Title: "Terminals", Address: "/api/v1/terminals?tab=1"}, true},
		{tabView{Name: "people", Title: "People", Address: "/api/v1/people"}, v.MayPair()},
		{tabView{Name: "groups", Title: "Shops and groups", Address: "/api/v1/groups"}, v.MayPair()},
		{tabView{Name: "rights", Title: "Rights", Address: "/api/v1/rights"}, v.Who.Admin},
		{tabView{Name: "till", Title: "Till", Address: "/api/v1/till-policy"}, v.Who.Admin},
		{tabView{Name: "audit", Title: "Audit", Address: "/api/v1/audit"}, v.Who.may(access.Report)},
	}
	var out []tabView
	for _, one := range all {
		if one.may {
			one.Here = one.Name == v.Tab
			out = append(out, one.tabView)
		}
	}
	if len(out) < 2 {
		return nil
	}
	return out
}

// MayPair reports whether the viewer looks after terminals.
func (v deskTabs) MayPair() bool { return v.Who.may(access.Pair) }
