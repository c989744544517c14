-- Card payments that a workflow in the CRM asks for and waits for: one row per run of our robot, answered once.
-- +goose Up
CREATE TABLE card_requests (
    id           TEXT PRIMARY KEY,
    portal_id    TEXT NOT NULL REFERENCES portals (id),
    event_token  TEXT NOT NULL,                        -- answers the workflow, once, and only together with our own token
    entity       TEXT NOT NULL,                        -- deal or invoice
    entity_id    TEXT NOT NULL,
    cashier      TEXT NOT NULL DEFAULT '',
    note         TEXT NOT NULL DEFAULT '',
    waits        BOOLEAN NOT NULL,
    state        TEXT NOT NULL CHECK (state IN ('new', 'asked', 'answered')),
    outcome      TEXT NOT NULL DEFAULT '',
    payment_id   TEXT NOT NULL DEFAULT '',
    attempts     BIGINT NOT NULL DEFAULT 0,
    last_error   TEXT NOT NULL DEFAULT '',
    due_at       TIMESTAMP,
    created_at   TIMESTAMP NOT NULL,
    done_at      TIMESTAMP
);
CREATE UNIQUE INDEX card_requests_token ON card_requests (portal_id, event_token);
CREATE INDEX card_requests_due ON card_requests (due_at) WHERE due_at IS NOT NULL;
-- +goose Down
