//go:build !windows

package main

const systemDir = "/var/lib/receive-payment-bridge"
