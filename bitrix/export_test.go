package bitrix

import (
	"context"
	"time"
)

// SetPause replaces the waiting between repeats, so that tests do not wait.
func SetPause(c *Client, pause func(context.Context, time.Duration) error) { c.pause = pause }

// DecodeAnswer exposes the envelope's decoder to the fuzzer.
func DecodeAnswer(status int, body []byte) *Error {
	_, e := decodeEnvelope("method", answer{status: status, body: body})

	return e
}

// EncodeQuery exposes the notation of batch commands.
func EncodeQuery(params any) (string, error) { return encodeQuery(params) }

// Classify exposes the table of classes.
func Classify(status int, code, description string) Class { return classify(status, code, description) }

// Pause exposes the real waiting.
func Pause(ctx context.Context, d time.Duration) error { return pause(ctx, d) }
