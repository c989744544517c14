package linkly

import "context"

// Authenticate proves that the secret is alive by getting a token with it. An
// error of class Unpaired means that Linkly refuses the secret; every other
// error says nothing about it. Reference linkly 3.
func (t *Terminal) Authenticate(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, t.client.cfg.CallTimeout)
	defer cancel()
	if _, err := t.token(ctx); err != nil {
		return &Error{Op: "authenticate", Class: ClassOf(err), Err: err}
	}
	return nil
}
