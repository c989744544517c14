-- What a terminal can do beside taking money: logon, status, last receipt, settlement and its totals; what it showed and printed meanwhile.
-- +goose Up
CREATE TABLE terminal_functions (
    id          TEXT PRIMARY KEY,
    portal_id   TEXT NOT NULL REFERENCES portals (id),
    terminal_id TEXT NOT NULL REFERENCES terminals (id),
    pairing_id  TEXT NOT NULL,
    kind        TEXT NOT NULL CHECK (kind IN ('logon', 'status', 'reprint', 'settlement', 'presettlement', 'totals')),
    session_id  TEXT NOT NULL UNIQUE,
    notify_hash TEXT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('created', 'sent', 'done', 'failed', 'unknown')),
    code        TEXT NOT NULL DEFAULT '',
    text        TEXT NOT NULL DEFAULT '',
    display     TEXT,
    by_id       TEXT NOT NULL,
    by_name     TEXT NOT NULL,
    created_at  TIMESTAMP NOT NULL,
    sent_at     TIMESTAMP,
    ended_at    TIMESTAMP,
    due_at      TIMESTAMP
);
CREATE INDEX terminal_functions_terminal ON terminal_functions (terminal_id, created_at);
CREATE INDEX terminal_functions_due ON terminal_functions (due_at) WHERE due_at IS NOT NULL;
-- one at a time, whatever becomes of the hold
CREATE UNIQUE INDEX terminal_functions_open ON terminal_functions (terminal_id) WHERE state IN ('created', 'sent');

CREATE TABLE function_receipts (
    function_id TEXT NOT NULL REFERENCES terminal_functions (id),
    hash        TEXT NOT NULL,
    type        TEXT NOT NULL,
    text        TEXT NOT NULL,
    at          TIMESTAMP NOT NULL,
    PRIMARY KEY (function_id, hash)
);

ALTER TABLE terminals ADD COLUMN settle_at TEXT NOT NULL DEFAULT '';        -- such as 23:30, when the administrator chose a time
ALTER TABLE terminals ADD COLUMN settle_zone TEXT NOT NULL DEFAULT '';      -- whose clock that is
ALTER TABLE terminals ADD COLUMN settle_due TIMESTAMP;                      -- the next one
CREATE INDEX terminals_settle ON terminals (settle_due) WHERE settle_due IS NOT NULL;
-- +goose Down
