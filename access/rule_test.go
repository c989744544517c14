package access

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWhatWasPutForAPersonOverridesTheUnionOfTheDepartments(t *testing.T) {
	t.Parallel()
	text := func(s string) *string { return &s }
	for name, c := range map[string]struct {
		admin       bool
		own         *string
		departments []string
		want        []Right
	}{
		"nobody has said anything":                    {want: []Right{Take}},
		"a department says nothing at all":            {departments: []string{""}, want: []Right{}},
		"one department":                              {departments: []string{"refund"}, want: []Right{Refund}},
		"two departments are joined":                  {departments: []string{"refund take", "take settle"}, want: []Right{Take, Refund, Settle}},
		"an empty department takes nothing away":      {departments: []string{"", "settle"}, want: []Right{Settle}},
		"the person's own overrides":                  {own: text("report"), departments: []string{"take refund"}, want: []Right{Report}},
		"the person's own may be nothing at all":      {own: text(""), departments: []string{"take"}, want: []Right{}},
		"an administrator has all, whatever was put":  {admin: true, own: text(""), want: All()},
		"an administrator's departments do not count": {admin: true, departments: []string{""}, want: All()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, inForce(c.admin, c.own, c.departments)); diff != "" {
				t.Errorf("in force (-want +got):\n%s", diff)
			}
		})
	}
}
