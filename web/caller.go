package web

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"receivepayment/access"
	"receivepayment/audit"
	"receivepayment/payments"
	"receivepayment/words"
)

// caller is who asks, as the database knows them at this moment.
type caller struct {
	*words.Voice // the caller's language

	PortalID string
	Person   payments.Person
	Admin    bool
	Rights   []access.Right
	Entity   string
	EntityID string
}

func (w caller) may(r access.Right) bool { return w.Admin || slices.Contains(w.Rights, r) }

// errForbidden means that the caller lacks the right.
var errForbidden = errors.New("the right is missing")

// handler is a handler that knows who asks.
type handler func(c echo.Context, who caller) error

// any lets everybody in who carries a valid token.
func (s *Server) any(h handler) echo.HandlerFunc {
	return func(c echo.Context) error {
		token, found := strings.CutPrefix(c.Request().Header.Get(echo.HeaderAuthorization), "Bearer ")
		if !found {
			return errUnauthenticated
		}
		claims, err := s.tokens.read(token, forPages)
		if err != nil {
			return err
		}
		c.Set(voiceKey, words.In(claims.Language))
		ctx, cancel := context.WithTimeout(c.Request().Context(), callWithin)
		defer cancel()
		c.SetRequest(c.Request().WithContext(ctx))
		who, err := s.recognise(ctx, claims)
		if err != nil {
			return err
		}
		c.SetRequest(c.Request().WithContext(audit.By(ctx, who.Person.ID, who.Person.Name)))
		return h(c, who)
	}
}

// as lets in who has the right.
func (s *Server) as(r access.Right, h handler) echo.HandlerFunc {
	return s.any(func(c echo.Context, who caller) error {
		if !who.may(r) {
			return errForbidden
		}
		return h(c, who)
	})
}

// admin lets in administrators of the portal.
func (s *Server) admin(h handler) echo.HandlerFunc {
	return s.any(func(c echo.Context, who caller) error {
		if !who.Admin {
			return errForbidden
		}
		return h(c, who)
	})
}

func (s *Server) recognise(ctx context.Context, c claims) (caller, error) {
	known, err := s.Rights.Recognise(ctx, c.Portal, c.Subject)
	if errors.Is(err, payments.ErrNotFound) {
		return caller{}, errUnauthenticated
	}
	if err != nil {
		return caller{}, err
	}
	return caller{
		PortalID: c.Portal, Person: payments.Person{ID: c.Subject, Name: known.Name}, Admin: known.Admin, Rights: known.Rights,
		Entity: c.Entity, EntityID: c.EntityID, Voice: words.In(c.Language),
	}, nil
}
