package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"receivepayment/access"
	"receivepayment/payments"
)

// rightFor is the right that acting on a payment of the kind needs.
func rightFor(k payments.Kind) access.Right {
	if k == payments.Refund {
		return access.Refund
	}
	return access.Take
}

type rightsJSON struct {
	Mine  []access.Right `json:"rights"`
	Items []grantJSON    `json:"items"`
	Next  *string        `json:"next"`
}

// listRights answers the caller's own rights in force, and to administrators
// what was given to whom.
func (s *Server) listRights(c echo.Context, who caller) error {
	out := rightsJSON{Mine: who.Rights, Items: []grantJSON{}}
	if !who.Admin {
		out.Items = append(out.Items, grantJSON{Subject: who.Person.ID, Rights: who.Rights})
		return c.JSON(http.StatusOK, out)
	}
	ctx := c.Request().Context()
	grants, err := s.Rights.List(ctx, who.PortalID)
	if err != nil {
		return err
	}
	users, err := s.Portals.Users(ctx, who.PortalID)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, u := range users {
		rights, err := s.Rights.InForce(ctx, who.PortalID, u.UserID, u.Admin)
		if err != nil {
			return err
		}
		seen[u.UserID] = true
		out.Items = append(out.Items, grantJSON{Subject: u.UserID, Rights: rights})
	}
	for _, g := range grants {
		if !seen[g.Subject] {
			out.Items = append(out.Items, grantJSON{Subject: g.Subject, Rights: g.Rights})
		}
	}
	return c.JSON(http.StatusOK, out)
}

type rightsIn struct {
	Rights []string `json:"rights" form:"rights"`
}

func (s *Server) putRights(c echo.Context, who caller) error {
	var in rightsIn
	if err := decode(c, &in); err != nil {
		return err
	}
	if in.Rights == nil {
		return payments.Invalid("rights", "Send a list of rights; an empty one takes all away.")
	}
	grant, err := s.Rights.Put(c.Request().Context(), who.PortalID, c.Param("user"), in.Rights)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, grantJSON{Subject: grant.Subject, Rights: grant.Rights})
}
