-- Receipts that are sent to customers by e-mail: one row for each time that somebody asked for it.
-- +goose Up
CREATE TABLE receipt_mailings (
    id           TEXT PRIMARY KEY,
    portal_id    TEXT NOT NULL REFERENCES portals (id),
    request_id   TEXT NOT NULL,                   -- the caller's, for telling a repetition
    request_hash TEXT NOT NULL,
    payment_id   TEXT NOT NULL REFERENCES payments (id),
    slip         TEXT NOT NULL,
    duplicate    BOOLEAN NOT NULL DEFAULT FALSE,  -- the slip was handed out before
    address      TEXT NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'failed')),
    attempts     BIGINT NOT NULL DEFAULT 0,
    trouble      TEXT NOT NULL DEFAULT '',        -- why it failed, for people
    last_error   TEXT NOT NULL DEFAULT '',        -- what the mail server said
    due_at       TIMESTAMP,
    by_id        TEXT NOT NULL,
    by_name      TEXT NOT NULL,
    created_at   TIMESTAMP NOT NULL,
    sent_at      TIMESTAMP,
    FOREIGN KEY (payment_id, slip) REFERENCES payment_receipts (payment_id, hash),
    CHECK ((state = 'waiting') = (due_at IS NOT NULL)),
    CHECK ((state = 'sent') = (sent_at IS NOT NULL)),
    CHECK ((state = 'failed') = (trouble <> ''))
);
CREATE UNIQUE INDEX receipt_mailings_request ON receipt_mailings (portal_id, request_id);
CREATE INDEX receipt_mailings_payment ON receipt_mailings (payment_id, created_at);
CREATE INDEX receipt_mailings_due ON receipt_mailings (due_at) WHERE due_at IS NOT NULL;
-- +goose Down
