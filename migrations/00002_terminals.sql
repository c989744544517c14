-- What payments run on: terminals, the pairings that give their secret, the checks that prove them.
-- +goose Up
CREATE TABLE terminals (
    id               TEXT PRIMARY KEY,
    portal_id        TEXT NOT NULL REFERENCES portals (id),
    name             TEXT NOT NULL,
    provider         TEXT NOT NULL,
    environment      TEXT NOT NULL,
    currency         TEXT NOT NULL,
    status           TEXT NOT NULL CHECK (status IN ('proving', 'ready', 'attention', 'retired')),
    status_reason    TEXT NOT NULL DEFAULT '',
    shared           BOOLEAN NOT NULL DEFAULT TRUE,
    register_id      TEXT NOT NULL,                  -- the provider's name for this till (Linkly posId), made once
    pairing_id       TEXT NOT NULL DEFAULT '',       -- the pairing in force
    facts            TEXT NOT NULL DEFAULT '{}',
    last_seen_at     TIMESTAMP,
    last_approved_at TIMESTAMP,
    last_callback_at TIMESTAMP,
    prove_attempts   BIGINT NOT NULL DEFAULT 0,
    prove_from       TIMESTAMP,                      -- checks before this moment do not count
    due_at           TIMESTAMP,
    created_at       TIMESTAMP NOT NULL
);
CREATE INDEX terminals_portal ON terminals (portal_id);
CREATE INDEX terminals_due ON terminals (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE pairings (
    id          TEXT PRIMARY KEY,
    terminal_id TEXT NOT NULL REFERENCES terminals (id),
    secret      TEXT NOT NULL,                       -- sealed
    created_at  TIMESTAMP NOT NULL,
    ended_at    TIMESTAMP
);
CREATE INDEX pairings_terminal ON pairings (terminal_id);

CREATE TABLE terminal_users (
    terminal_id TEXT NOT NULL REFERENCES terminals (id),
    portal_id   TEXT NOT NULL,
    user_id     TEXT NOT NULL,
    PRIMARY KEY (terminal_id, user_id)
);
CREATE INDEX terminal_users_user ON terminal_users (portal_id, user_id);

CREATE TABLE default_terminals (
    portal_id   TEXT NOT NULL,
    user_id     TEXT NOT NULL,
    terminal_id TEXT NOT NULL REFERENCES terminals (id),
    PRIMARY KEY (portal_id, user_id)
);

CREATE TABLE terminal_checks (
    id          TEXT PRIMARY KEY,
    terminal_id TEXT NOT NULL REFERENCES terminals (id),
    pairing_id  TEXT NOT NULL,
    kind        TEXT NOT NULL CHECK (kind IN ('logon', 'status')),
    session_id  TEXT NOT NULL UNIQUE,
    notify_hash TEXT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('sent', 'passed', 'failed')),
    text        TEXT NOT NULL DEFAULT '',
    started_at  TIMESTAMP NOT NULL,
    ended_at    TIMESTAMP
);
CREATE INDEX terminal_checks_terminal ON terminal_checks (terminal_id, started_at);
-- +goose Down
