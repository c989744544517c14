// Package house wires the product by hand: which database, which Redis, which
// part knows which. It is apart from package main only so that tests can build
// the very same house.
//
// [Config] is read from the environment and says all its mistakes at once.
// [Open] builds the parts; [House.Run] starts what the mode needs and stops it
// in order when the context ends.
package house
