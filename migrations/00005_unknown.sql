-- How a payment of unknown outcome ends among people: a second person above a limit, alerts that somebody has seen, and who has the payment on the screen.
-- +goose Up
ALTER TABLE payment_alerts ADD COLUMN seen_at TIMESTAMP;
ALTER TABLE payment_alerts ADD COLUMN seen_by TEXT NOT NULL DEFAULT '';

CREATE TABLE payment_decisions (
    payment_id TEXT PRIMARY KEY REFERENCES payments (id),
    paid       BOOLEAN NOT NULL,
    reason     TEXT NOT NULL,
    by_id      TEXT NOT NULL,
    by_name    TEXT NOT NULL,
    at         TIMESTAMP NOT NULL
);

ALTER TABLE payments ADD COLUMN operator TEXT NOT NULL DEFAULT '';      -- who has it on the screen, when not who started it
ALTER TABLE payments ADD COLUMN operator_name TEXT NOT NULL DEFAULT '';

ALTER TABLE write_backs ADD COLUMN claimed_until TIMESTAMP; -- a try is under way: nobody, not even a person, starts another

ALTER TABLE portals ADD COLUMN resolve_limit BIGINT;
ALTER TABLE portals ADD COLUMN resolve_currency TEXT NOT NULL DEFAULT '';
-- +goose Down
