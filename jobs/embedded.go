package jobs

import (
	"fmt"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
)

// Embedded is a Redis inside the process, for installations that have none. It
// keeps nothing on disk, and nothing needs it to: what it forgets at a restart
// the janitor finds in the database.
type Embedded struct {
	redis *miniredis.Miniredis
	addr  string
	stop  chan struct{}
	wait  sync.WaitGroup
}

// clockTick is how often the embedded server's clock is moved. Its own
// ClockTTL setting walks every key at every command, which is far too slow.
const clockTick = 250 * time.Millisecond

// StartEmbedded listens on a free port of the loopback interface.
func StartEmbedded() (*Embedded, error) {
	e := &Embedded{redis: miniredis.NewMiniRedis(), stop: make(chan struct{})}
	if err := e.redis.StartAddr("127.0.0.1:0"); err != nil {
		return nil, fmt.Errorf("start embedded redis: %w", err)
	}
	e.addr = e.redis.Addr()
	e.wait.Go(e.age)
	return e, nil
}

// Addr is where it listens, or listened, host:port.
func (e *Embedded) Addr() string { return e.addr }

// Close stops the server and its clock.
func (e *Embedded) Close() {
	close(e.stop)
	e.wait.Wait()
	e.redis.Close()
}

// age makes keys expire: the embedded server has no clock of its own.
func (e *Embedded) age() {
	tick := time.NewTicker(clockTick)
	defer tick.Stop()
	for {
		select {
		case <-e.stop:
			return
		case <-tick.C:
			e.redis.FastForward(clockTick)
		}
	}
}
