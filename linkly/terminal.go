package linkly

import (
	"context"
	"net/http"
)

// Terminal is a handle on one paired terminal. It is cheap, holds no connection
// and may be made anew for each call; tokens live in the Client.
type Terminal struct {
	client *Client
	secret *Secret // a pointer, so that printing the handle does not print it
	posID  string
}

// Begin hands a transaction to the terminal and returns when Linkly has taken it.
// session is a hyphenated lower-case UUID v4, new for each transaction and stored
// by the caller before this call. Nil means accepted (202, or 200), nothing more.
//
// The error's class is evidence: Refused, NotStarted and Unpaired prove that
// nothing started. After a 401 the same session is sent once more with a new
// token; from then on anything but acceptance is Unclear. So is every other
// status, silence and a cut connection. Unclear must be followed by Ask.
// Reference linkly 5.1, 9.
func (t *Terminal) Begin(ctx context.Context, session string, tx Transaction, n Notify) error {
	const op = "begin transaction"
	if !uuidV4.MatchString(session) {
		return refuse(op, "session must be a hyphenated lower-case uuid v4")
	}
	body, err := t.client.cfg.transaction(tx, n)
	if err != nil {
		return refuse(op, "%w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, t.client.cfg.SendTimeout)
	defer cancel()

	q := t.call(op, http.MethodPost, session, "/transaction?async=true")
	q.body, q.fresh = body, true
	q.secrets = append(q.secrets, n.Authorization)
	rep, err := t.send(ctx, q)
	if err != nil && rep.status == 0 {
		return err // no token, so nothing of the sale has left
	}
	switch {
	case rep.status == http.StatusAccepted || rep.status == http.StatusOK:
		return nil
	case rep.repeated && err != nil:
		return rep.because(q, Unclear, err)
	case rep.repeated:
		return rep.failure(q, Unclear)
	case rep.status == http.StatusBadRequest:
		return rep.failure(q, Refused)
	}
	return rep.failure(q, rep.class())
}

// call prepares a request about session to the REST host.
func (t *Terminal) call(op, method, session, rest string) call {
	return call{
		op: op, method: method,
		url:     t.client.cfg.RestURL + "/v1/sessions/" + session + rest,
		secrets: []string{t.secret.Reveal()},
	}
}

// send makes the call with a token and, when that is answered 401, once more with
// a new one (reference linkly 3). The error is that of getting a token: with
// an empty reply for the first, with the 401 for the second.
func (t *Terminal) send(ctx context.Context, q call) (reply, error) {
	token, err := t.token(ctx)
	if err != nil {
		return reply{}, &Error{Op: q.op, Class: ClassOf(err), Err: err}
	}
	q.token = token
	first := t.client.do(ctx, q)
	first.tokens = []string{token}
	if first.status != http.StatusUnauthorized {
		return first, nil
	}
	first.repeated = true

	t.client.tokens.drop(t.key(), token)
	q.token, err = t.token(ctx)
	if err != nil {
		return first, &Error{Op: q.op, Class: ClassOf(err), Err: err}
	}
	second := t.client.do(ctx, q)
	second.repeated, second.tokens = true, []string{token, q.token}
	return second, nil
}
