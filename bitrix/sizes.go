package bitrix

import "sync"

// sizes remembers how many invoices a deal had, so that the next reader asks for all of its pages at
// once. It only saves requests: what it says may be wrong.
type sizes struct {
	mu sync.Mutex
	m  map[dealKey]int
}

type dealKey struct {
	member string
	deal   int64
}

// maxSizes bounds the memory; only deals with more than one page are kept at all.
const maxSizes = 4096

// of is how many invoices to ask for: at least one page, at most what fits into a batch.
func (s *sizes) of(member string, deal int64) int {
	s.mu.Lock()
	defer s.mu.Unlock()

	return min(max(s.m[dealKey{member, deal}], 1), pageSize*(maxBatch-2))
}

func (s *sizes) remember(member string, deal int64, count int) {
	s.mu.Lock()
	defer s.mu.Unlock()

	key := dealKey{member, deal}
	if count <= pageSize {
		delete(s.m, key)
		return
	}
	if s.m == nil || len(s.m) >= maxSizes {
		s.m = map[dealKey]int{}
	}
	s.m[key] = count
}

// boundOrders remembers which orders a deal had, for the same purpose.
type boundOrders struct {
	mu sync.Mutex
	m  map[dealKey][]int64
}

func (b *boundOrders) of(member string, deal int64) []int64 {
	b.mu.Lock()
	defer b.mu.Unlock()

	return b.m[dealKey{member, deal}]
}

func (b *boundOrders) remember(member string, deal int64, orders []Order) {
	b.mu.Lock()
	defer b.mu.Unlock()

	key := dealKey{member, deal}
	if len(orders) == 0 {
		delete(b.m, key)
		return
	}
	if b.m == nil || len(b.m) >= maxSizes {
		b.m = map[dealKey][]int64{}
	}
	ids := make([]int64, 0, len(orders))
	for _, o := range orders[:min(len(orders), maxBatch-1)] {
		ids = append(ids, o.ID)
	}
	b.m[key] = ids
}
