// Package sim is Linkly Cloud in memory, with a virtual PIN pad: the auth host, the REST interface v1, callbacks, and
// faults on purpose. No money moves.
package sim
