//go:build faultpoints

package fault

import (
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
)

// order is what the environment asked for.
type order struct {
	point Point
	left  atomic.Int64
}

// theOrder is read once: a test starts a process for each order.
var theOrder = sync.OnceValue(func() *order {
	o := &order{}
	point, _ := strconv.Atoi(os.Getenv("FAULT_POINT")) // none means no order
	o.point = Point(point)
	hit, err := strconv.ParseInt(os.Getenv("FAULT_HIT"), 10, 64)
	if err != nil {
		hit = 1
	}
	o.left.Store(hit)
	return o
})

// Here ends the process, as a crash would, if it was ordered to die at p.
func Here(p Point) {
	if o := theOrder(); o.point == p && o.left.Add(-1) == 0 {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {} // the signal is on its way: nothing may happen meanwhile
	}
}
