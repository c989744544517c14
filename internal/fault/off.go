//go:build !faultpoints

package fault

// Here does nothing in the product.
func Here(Point) {}
