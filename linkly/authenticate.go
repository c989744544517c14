package linkly

import "context"

// Authenticate proves that the secret is alive by getting a new token with it; one
// that is still held would prove only that the secret was alive once. An error
// of class Unpaired means that Linkly refuses the secret; every other error says
// nothing about it. Reference linkly 3.
func (t *Terminal) Authenticate(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, t.client.cfg.CallTimeout)
	defer cancel()
	k := t.key()
	held, _ := t.client.tokens.get(k)
	t.client.tokens.drop(k, held.token)
	if _, err := t.token(ctx); err != nil {
		return &Error{Op: "authenticate", Class: ClassOf(err), Err: err}
	}
	return nil
}
