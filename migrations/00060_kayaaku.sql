-- Kayaaku beside Linkly: how each device is reached, the till's bridge, what was sent and answered, and how the customer pays.
-- +goose Up
ALTER TABLE payments ADD COLUMN method TEXT NOT NULL DEFAULT '';  -- how the customer pays, where that is chosen here; empty: on the terminal

CREATE TABLE kayaaku_devices (
    terminal_id TEXT PRIMARY KEY REFERENCES terminals (id),
    transport   TEXT NOT NULL CHECK (transport IN ('usb-bridge', 'http-signed')),
    settings    TEXT NOT NULL                       -- JSON, no secret: the key is sealed with the pairing
);

CREATE TABLE kayaaku_bridges (
    terminal_id TEXT PRIMARY KEY REFERENCES terminals (id),
    code_hash   TEXT NOT NULL DEFAULT '',           -- of the one-time code, until it is used
    code_until  TIMESTAMP,
    token_hash  TEXT NOT NULL DEFAULT '',
    version     TEXT NOT NULL DEFAULT '',
    system      TEXT NOT NULL DEFAULT '',
    journal     TEXT NOT NULL DEFAULT '',           -- names the till's journal: a new one knows nothing of the past
    port        TEXT NOT NULL DEFAULT '{}',         -- as last reported, JSON
    paired_at   TIMESTAMP,
    seen_at     TIMESTAMP
);
CREATE UNIQUE INDEX kayaaku_bridges_token ON kayaaku_bridges (token_hash) WHERE token_hash <> '';
CREATE UNIQUE INDEX kayaaku_bridges_code ON kayaaku_bridges (code_hash) WHERE code_hash <> '';

CREATE TABLE kayaaku_sessions (
    payment_id  TEXT PRIMARY KEY REFERENCES payments (id),
    terminal_id TEXT NOT NULL REFERENCES terminals (id),
    route       TEXT NOT NULL CHECK (route IN ('cable', 'host')),
    kind        TEXT NOT NULL CHECK (kind IN ('sale', 'void', 'refund')),
    command     TEXT NOT NULL,                      -- the TxnRef: names the command for the bridge
    txn_id      TEXT NOT NULL,                      -- what the answer calls it
    request     TEXT NOT NULL DEFAULT '',           -- for the bridge, JSON without the login
    state       TEXT NOT NULL CHECK (state IN ('queued', 'taken', 'accepted', 'under_way', 'answered', 'lost', 'not_sent')),
    why         TEXT NOT NULL DEFAULT '',
    journal     TEXT NOT NULL DEFAULT '',           -- the journal that the command was handed to
    replies     TEXT NOT NULL DEFAULT '[]',         -- every answer, oldest first, without secrets
    enquiry     TEXT NOT NULL DEFAULT '',           -- the latest answer to our own question
    enquiries   BIGINT NOT NULL DEFAULT 0,
    enquire_at  TIMESTAMP,                          -- not before
    created_at  TIMESTAMP NOT NULL,
    taken_at    TIMESTAMP
);
CREATE INDEX kayaaku_sessions_waiting ON kayaaku_sessions (terminal_id) WHERE state IN ('queued', 'taken');
CREATE INDEX kayaaku_sessions_command ON kayaaku_sessions (command);

CREATE TABLE kayaaku_sequences (
    source_system TEXT NOT NULL,
    day           TEXT NOT NULL,                    -- the till's own date: numbers begin anew each day
    n             BIGINT NOT NULL,
    PRIMARY KEY (source_system, day)
);
-- +goose Down
