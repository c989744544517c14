// Package bench measures the promises that the product makes about speed and
// memory, each beside a floor taken in the same run: absolute times belong to
// one machine, ratios travel. docs/figures.md explains how and keeps what was
// found.
//
//	make bench
//
// Nothing here fails because of a time: a benchmark prints PASS or MISS beside
// the bar. What can be said without a clock, such as how many queries a
// stream costs, is held by ordinary tests.
package bench
