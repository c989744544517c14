package house

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"receivepayment/web/assets"
)

// Doctor checks the configuration and what it names, line by line, and reports
// whether everything is well.
func Doctor(ctx context.Context, c Config, out io.Writer) bool {
	well := true
	say := func(ok bool, text string) {
		mark := "ok  "
		if !ok {
			mark, well = "MEND", false
		}
		_, _ = fmt.Fprintln(out, mark, text)
	}
	checked, err := c.Checked()
	if err != nil {
		say(false, err.Error())
		return false
	}
	say(true, "configuration for "+checked.PublicURL)
	say(assets.Built(), "front-end bundle (make bundle)")
	h, err := Open(ctx, c, slog.New(slog.DiscardHandler))
	if err != nil {
		say(false, err.Error())
		return false
	}
	defer h.Close()
	say(true, "keys, database ("+string(h.DB.Dialect)+") and its schema")
	err = h.client.Ping(ctx).Err()
	say(err == nil, "redis at "+h.redis.Addr)
	if post, _ := checked.post(); post != nil { // checked already
		err := post.Check(ctx)
		say(err == nil, fmt.Sprintf("mail server %s:%d", checked.SMTPHost, checked.SMTPPort))
	}
	return well
}
