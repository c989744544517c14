// Package till is the program at the till that carries messages between the
// server and a Kayaaku device on a serial cable. It dials out, listens to
// nothing, and decides nothing about money.
//
// What it promises: a command is written to the device at most once, whatever
// dies in between. It writes to its [Journal], and to the disk beneath, before
// it acts: accepted, about to write, answer, confirmed. After a crash between
// "about to write" and the answer it says "lost" and never writes again; a
// late answer is still recognised by its TxnID. A command that it knows
// already gets the answer that the journal holds.
//
// The device's login stays here: it is put into a message on its way to the
// cable and reaches neither journal, log nor server.
package till
