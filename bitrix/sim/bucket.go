package sim

import (
	"net/http"
	"time"
)

// bucket is the leaky bucket of one portal and caller (reference bitrix24, 3.5).
type bucket struct {
	level float64
	at    time.Time
}

// pour counts one request and refuses it when the bucket runs over. The lock must be held.
func (s *Sim) pour(key string, now time.Time) *restError {
	if s.cfg.RateBurst < 0 {
		return nil
	}
	b := s.buckets[key]
	if b == nil {
		b = &bucket{at: now}
		s.buckets[key] = b
	}
	if passed := now.Sub(b.at).Seconds(); passed > 0 {
		b.level = max(0, b.level-passed*float64(s.cfg.RateDrain))
		b.at = now
	}
	if b.level+1 > float64(s.cfg.RateBurst) {
		return breach(http.StatusServiceUnavailable, "QUERY_LIMIT_EXCEEDED", "Too many requests", "rate")
	}
	b.level++
	return nil
}
