-- Who renews a portal's tokens: a refresh token works once, so one process at a time may use it.
-- +goose Up
ALTER TABLE portal_tokens ADD COLUMN renewing_until TIMESTAMP;
-- +goose Down
