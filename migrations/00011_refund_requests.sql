-- Who may not refund asks for it: the request, its decision, and the refund that carries it out. At most one of those is open.
-- +goose Up
CREATE TABLE refund_requests (
    id              TEXT PRIMARY KEY,
    portal_id       TEXT NOT NULL REFERENCES portals (id),
    request_id      TEXT NOT NULL,                   -- the caller's, for telling a repetition
    request_hash    TEXT NOT NULL,
    payment_id      TEXT NOT NULL REFERENCES payments (id),
    document        TEXT NOT NULL,
    document_title  TEXT NOT NULL DEFAULT '',
    terminal_id     TEXT NOT NULL,
    terminal_name   TEXT NOT NULL,
    amount          BIGINT NOT NULL CHECK (amount > 0),
    currency        TEXT NOT NULL,
    reason          TEXT NOT NULL,
    unmatched       BOOLEAN NOT NULL DEFAULT FALSE,
    state           TEXT NOT NULL CHECK (state IN ('waiting', 'approved', 'rejected')),
    by_id           TEXT NOT NULL,
    by_name         TEXT NOT NULL,
    created_at      TIMESTAMP NOT NULL,
    decided_by      TEXT NOT NULL DEFAULT '',
    decided_by_name TEXT NOT NULL DEFAULT '',
    decided_at      TIMESTAMP,
    answer          TEXT NOT NULL DEFAULT '',        -- why it was approved or rejected
    CHECK ((state = 'waiting') = (decided_at IS NULL)),
    CHECK (state <> 'approved' OR decided_by <> by_id) -- nobody approves their own
);
CREATE UNIQUE INDEX refund_requests_request ON refund_requests (portal_id, request_id);
CREATE INDEX refund_requests_payment ON refund_requests (payment_id);
CREATE INDEX refund_requests_document ON refund_requests (portal_id, document);
CREATE INDEX refund_requests_listed ON refund_requests (portal_id, state, created_at);

ALTER TABLE payments ADD COLUMN refund_request TEXT NOT NULL DEFAULT '' CHECK (refund_request = '' OR kind = 'refund');
CREATE UNIQUE INDEX payments_request_sent ON payments (refund_request)
    WHERE refund_request <> '' AND state IN ('created', 'sent', 'unknown', 'review');
-- +goose Down
