// Package fault numbers the instants between two commits or calls at which a
// process may die. In the product [Here] does nothing and costs nothing. Built
// with the tag faultpoints, a process that finds FAULT_POINT in its
// environment kills itself with SIGKILL when it comes to that point for the
// FAULT_HIT-th time (the first when empty).
//
// A point is one line at the place where the process could die. The tests of
// package soak walk all of them, one by one, and hit them at random;
// docs/promises.md lists them.
package fault
