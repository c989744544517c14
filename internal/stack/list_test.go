package stack

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	linklysim "receivepayment/linkly/sim"
	"receivepayment/payments"
)

// list answers a page of payments.
func (s *shop) list(query url.Values) Object {
	s.t.Helper()
	return s.cashier.Do(http.MethodGet, "/api/v1/payments?"+query.Encode(), nil).Want(http.StatusOK)
}

func idsOf(rows []Object) []string {
	out := []string{}
	for _, r := range rows {
		out = append(out, r.Text("id"))
	}
	return out
}

// copies stores the payment n times over, each a second older than the last:
// a long list is about the list, not about how its rows came to be.
func (s *shop) copies(id string, n int) {
	s.t.Helper()
	tx := s.House.DB.WithContext(s.t.Context())
	var p payments.Payment
	if err := tx.Where("id = ?", id).Take(&p).Error; err != nil {
		s.t.Fatal(err)
	}
	for i := range n {
		p.ID, p.RequestID = id+"-"+itoa(i), p.RequestID+"-"+itoa(i)
		p.SessionID, p.TxnRef = uuid.NewString(), "COPY"+itoa(1000+i)
		p.CreatedAt = p.CreatedAt.Add(-time.Second)
		if i%5 == 0 { // some at the same instant
			p.CreatedAt = p.CreatedAt.Add(time.Second)
		}
		if err := tx.Create(&p).Error; err != nil {
			s.t.Fatal(err)
		}
	}
}

func TestListGoesBackPageByPageWithoutGapsOrDoubles(t *testing.T) {
	t.Parallel()
	eachShop(t, func(t *testing.T, s *shop) {
		s.Terminal.Auto(linklysim.AutoConfig{Cancel: true})
		id := s.AwaitPayment(s.cashier, s.taken(s.order("p-1", s.invoice("i-1", "10.00"), "10.00")), "cancelled").Text("id")
		s.copies(id, 119)

		var got []string
		var last string
		sizes := []int{}
		query := url.Values{}
		for {
			page := s.list(query)
			rows := page.List("items")
			sizes = append(sizes, len(rows))
			for _, r := range rows {
				if last != "" && r.Text("createdAt") > last && len(r.Text("createdAt")) == len(last) {
					t.Fatalf("%s comes after %s: not newest first", r.Text("createdAt"), last)
				}
				last = r.Text("createdAt")
			}
			got = append(got, idsOf(rows)...)
			next := page.Text("next")
			if next == "" {
				break
			}
			query.Set("cursor", next)
		}
		if diff := cmp.Diff([]int{50, 50, 20}, sizes); diff != "" {
			t.Errorf("page sizes (-want +got):\n%s", diff)
		}
		slices.Sort(got)
		if len(slices.Compact(got)) != 120 {
			t.Errorf("%d payments of 120", len(slices.Compact(got)))
		}
	})
}

func TestListIsNarrowedByStateTimeAndText(t *testing.T) {
	t.Parallel()
	s := openShop(t, Options{})
	paid := s.paid(s.order("p-1", s.invoice("i-1", "10.00"), "10.00"))
	s.Terminal.Auto(linklysim.AutoConfig{Card: "nofunds"})
	declined := s.AwaitPayment(s.cashier, s.taken(s.order("p-2", s.invoice("i-2", "20.00"), "20.00")), "declined")
	first, second := paid.Text("id"), declined.Text("id")
	for _, one := range []struct {
		name  string
		query url.Values
		want  []string
	}{
		{"everything", url.Values{}, []string{second, first}},
		{"approved", url.Values{"state": {"approved"}}, []string{first}},
		{"unknown", url.Values{"state": {"unknown"}}, []string{}},
		{"from the second on", url.Values{"from": {declined.Text("createdAt")}}, []string{second}},
		{"before the second", url.Values{"to": {declined.Text("createdAt")}}, []string{first}},
		{"another time zone", url.Values{"from": {"2020-01-01T00:00:00+10:00"}, "to": {"2020-01-02T00:00:00+10:00"}}, []string{}},
		{"by document", url.Values{"q": {"si:77"}}, []string{first}},
		{"by title", url.Values{"q": {"WHARF"}}, []string{second, first}},
		{"by RRN", url.Values{"q": {paid.Text("result", "rrn")}}, []string{first}},
		{"by TxnRef", url.Values{"q": {declined.Text("txnRef")}}, []string{second}},
		{"by the last four digits", url.Values{"q": {"1142"}, "state": {"approved"}}, []string{first}},
		{"a wildcard is a letter", url.Values{"q": {"%"}}, []string{}},
		{"a quote is a letter", url.Values{"q": {"' OR 1=1 --"}}, []string{}},
	} {
		t.Run(one.name, func(t *testing.T) {
			page := s.cashier.in(t).Do(http.MethodGet, "/api/v1/payments?"+one.query.Encode(), nil).Want(http.StatusOK)
			if diff := cmp.Diff(one.want, idsOf(page.List("items"))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if page["next"] != nil {
				t.Errorf("one page has a next: %v", page["next"])
			}
		})
	}
	for field, value := range map[string]string{
		"state": "paid", "from": "yesterday", "to": "2026-11-21", "cursor": "!!!", "q": strings.Repeat("x", 101),
	} {
		s.cashier.Do(http.MethodGet, "/api/v1/payments?"+url.Values{field: {value}}.Encode(), nil).refused(422, "invalid", field)
	}
	s.cashier.Do(http.MethodGet, "/api/v1/payments?cursor=bm90IGEgdGltZSBpZA", nil).refused(422, "invalid", "cursor")
}
