package invoices

import (
	"sync"
	"time"
)

// orderlessFor is how long a deal without orders is believed to have none. Most
// deals never have one, and opening such a deal shall not cost a request to
// find that out again.
const orderlessFor = time.Minute

// maxOrderless bounds the memory.
const maxOrderless = 4096

// orderless remembers deals without orders, in this process. The zero value is
// ready.
type orderless struct {
	mu    sync.Mutex
	until map[dealOf]time.Time
}

type dealOf struct {
	portal string
	deal   int64
}

func (o *orderless) holds(portal string, deal int64, now time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return now.Before(o.until[dealOf{portal, deal}])
}

func (o *orderless) note(portal string, deal int64, now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.until == nil || len(o.until) >= maxOrderless {
		o.until = map[dealOf]time.Time{}
	}
	o.until[dealOf{portal, deal}] = now.Add(orderlessFor)
}

// forget makes the portal's deals be looked at again: an order was saved.
func (o *orderless) forget(portal string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for key := range o.until {
		if key.portal == portal {
			delete(o.until, key)
		}
	}
}
