package sim

import (
	"context"
	"fmt"
	"strings"
)

// await waits until ok holds. It is asked under the lock after every visible change, and must not block.
func (s *Sim) await(ctx context.Context, what string, ok func() bool) error {
	for {
		s.mu.Lock()
		done, changed := ok(), s.changed
		s.mu.Unlock()
		if done {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("wait for %s: %w", what, ctx.Err())
		case <-s.ctx.Done():
			return fmt.Errorf("wait for %s: %w", what, ErrClosed)
		}
	}
}

// Await returns the first screen that contains text, at once when it is shown already. It ends with the
// context's error, or with ErrClosed when the Sim is closed first. A last screen such as APPROVED stays until the next request.
func (t *Terminal) Await(ctx context.Context, text string) (Display, error) {
	var screen Display
	err := t.sim.await(ctx, fmt.Sprintf("the screen %q", text), func() bool {
		screen = t.screen.clone()
		return strings.Contains(strings.Join(screen.Lines, "\n"), text)
	})
	return screen, err
}

// Finished waits until the request with this session id has its result. The id may not have arrived yet.
func (s *Sim) Finished(ctx context.Context, session string) error {
	return s.await(ctx, "the result of "+session, func() bool {
		ses := s.sessions[normal(session)]
		return ses != nil && ses.result != nil
	})
}
