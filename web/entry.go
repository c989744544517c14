package web

import (
	"context"
	"mime"
	"net/http"
	"net/url"

	"github.com/golang-jwt/jwt/v5"
	"github.com/labstack/echo/v4"

	"receivepayment/access"
	"receivepayment/invoices"
	"receivepayment/pairing"
	"receivepayment/payments"
	"receivepayment/words"
)

type welcomeJSON struct {
	Token     string       `json:"token"`
	ExpiresIn int          `json:"expiresIn"`
	Portal    string       `json:"portal"`
	User      userJSON     `json:"user"`
	Context   *contextJSON `json:"context"`
	Installed bool         `json:"installed"`
}

type userJSON struct {
	ID     string         `json:"id"`
	Name   string         `json:"name"`
	Admin  bool           `json:"admin"`
	Rights []access.Right `json:"rights"`
}

type contextJSON struct {
	Entity string `json:"entity"`
	ID     string `json:"id"`
}

// posted reads Bitrix24's form: part in the body, part in the query.
func posted(c echo.Context) (form, query url.Values, err error) {
	kind, _, _ := mime.ParseMediaType(c.Request().Header.Get(echo.HeaderContentType))
	if kind != "" && kind != echo.MIMEApplicationForm {
		return nil, nil, echo.NewHTTPError(http.StatusUnsupportedMediaType)
	}
	if err := c.Request().ParseForm(); err != nil {
		return nil, nil, tooLargeOr(err, payments.Invalid("body", "This form cannot be read."))
	}
	return c.Request().PostForm, c.Request().URL.Query(), nil
}

// install is the installer page. For a program the server's part is done when
// it answers; a person is shown a wizard that takes one step after the other,
// and then tells the portal that it is finished.
func (s *Server) install(c echo.Context) error {
	form, query, err := posted(c)
	if err != nil {
		return err
	}
	if !wantsJSON(c) {
		return s.wizard(c, form, query)
	}
	visit, err := s.Portals.Install(c.Request().Context(), form, query)
	if err != nil {
		return err
	}
	return s.welcome(c, visit, nil)
}

func (s *Server) wizard(c echo.Context, form, query url.Values) error {
	visit, err := s.Portals.Admit(c.Request().Context(), form, query)
	if err != nil {
		return err
	}
	u := visit.User
	token, err := s.tokens.issue(claims{
		RegisteredClaims: jwt.RegisteredClaims{Subject: u.UserID}, Portal: visit.Portal.ID, Language: visit.Language,
	}, forInstaller, tokenFor)
	if err != nil {
		return err
	}
	who := caller{
		PortalID: visit.Portal.ID, Person: payments.Person{ID: u.UserID, Name: u.Name}, Admin: u.Admin, Voice: words.In(visit.Language),
	}
	c.Set(voiceKey, who.Voice)
	return s.page(c, visit, "install", installPageView{
		frame: s.frame(who, token, "Install Receive Payment"), Wizard: wizardAfter(visit.Portal, ""),
	})
}

// enter is every placement and the app's own page.
func (s *Server) enter(c echo.Context) error {
	form, query, err := posted(c)
	if err != nil {
		return err
	}
	visit, err := s.Portals.Enter(c.Request().Context(), form, query, !wantsJSON(c))
	if err != nil {
		return err
	}
	if err := s.findLinked(c.Request().Context(), &visit); err != nil {
		return err
	}
	return s.welcome(c, visit, func(who caller, token string) error {
		return s.opening(c, visit, who, token)
	})
}

// findLinked turns a link to a payment into what it was for: the page of that
// document, which its viewer must be allowed to see like any other.
func (s *Server) findLinked(ctx context.Context, visit *pairing.Visit) error {
	if visit.Payment == "" || visit.Entity != "" {
		return nil
	}
	p, err := s.Payments.Find(ctx, visit.Portal.ID, visit.Payment)
	if err != nil {
		return err
	}
	visit.Entity, visit.EntityID = invoices.RecordOf(p.Document)
	return nil
}

// opening chooses the screen for what was opened.
func (s *Server) opening(c echo.Context, visit pairing.Visit, who caller, token string) error {
	if visit.Entity != "" {
		view, cards, err := s.receiveOpened(c.Request().Context(), who, visit)
		if err != nil {
			return err
		}
		open, err := s.openDetail(c.Request().Context(), who, view, visit.Payment)
		if err != nil {
			return err
		}
		page := s.receivePage(who, token, view, cards, open)
		page.Receive.Funnels = visit.Portal.Funnels
		page.OpenAtStart = page.Receive.refundAtStart(visit)
		page.NoRefund = visit.Do == "refund" && page.OpenAtStart == ""
		return s.page(c, visit, "receive-page", page)
	}
	if who.Admin { // who was hired or dismissed since is wanted on the board
		if err := s.Portals.WantDirectory(c.Request().Context(), who.PortalID); err != nil {
			return err
		}
	}
	terminals, err := s.terminalsOf(c.Request().Context(), who, terminalsIn{})
	if err != nil {
		return err
	}
	items, err := s.attention(c.Request().Context(), who)
	if err != nil {
		return err
	}
	view := s.settingsPage(who, token, terminals, items)
	if who.Admin {
		silenced, err := s.Portals.Silenced(c.Request().Context(), visit.Portal)
		if err != nil {
			return err
		}
		view.Portal = &connectionView{Who: who, Portal: visit.Portal, Silenced: silenced}
		telling, err := s.crmTelling(c.Request().Context(), who)
		if err != nil {
			return err
		}
		view.CRM = &telling
	}
	return s.page(c, visit, "settings-page", view)
}

// welcome gives a verified visitor a token: as JSON to programs, inside a page
// to people.
func (s *Server) welcome(c echo.Context, visit pairing.Visit, render func(who caller, token string) error) error {
	u := visit.User
	rights, err := s.Rights.InForce(c.Request().Context(), visit.Portal.ID, u.UserID, u.Admin)
	if err != nil {
		return err
	}
	who := caller{
		PortalID: visit.Portal.ID, Person: payments.Person{ID: u.UserID, Name: u.Name}, Admin: u.Admin,
		Rights: rights, Entity: visit.Entity, EntityID: visit.EntityID, Voice: words.In(visit.Language),
	}
	c.Set(voiceKey, who.Voice)
	token, err := s.tokens.issue(claims{
		RegisteredClaims: jwt.RegisteredClaims{Subject: u.UserID}, Portal: visit.Portal.ID,
		Entity: visit.Entity, EntityID: visit.EntityID, Language: visit.Language,
	}, forPages, tokenFor)
	if err != nil {
		return err
	}
	if !wantsJSON(c) {
		return render(who, token)
	}
	out := welcomeJSON{
		Token: token, ExpiresIn: int(tokenFor.Seconds()), Portal: visit.Portal.ID, Installed: visit.Portal.Installed,
		User: userJSON{ID: u.UserID, Name: u.Name, Admin: u.Admin, Rights: rights},
	}
	if visit.Entity != "" {
		out.Context = &contextJSON{Entity: visit.Entity, ID: visit.EntityID}
	}
	return c.JSON(http.StatusOK, out)
}

// outside answers whoever opens our address in a bare browser, and the checks
// of the Marketplace, which want a 200.
func (s *Server) outside(c echo.Context) error {
	if c.Request().Method == http.MethodHead {
		return c.NoContent(http.StatusOK)
	}
	return s.pages.write(c, http.StatusOK, "outside-page", outsideView{bare("Receive Payment")})
}
