-- Who we serve: portals, the people seen there, and their sealed tokens.
-- +goose Up
CREATE TABLE portals (
    id                TEXT PRIMARY KEY,              -- Bitrix24's member_id; a domain may move, this never does
    domain            TEXT NOT NULL,
    endpoint          TEXT NOT NULL,                 -- client_endpoint as the auth server named it
    server            TEXT NOT NULL,                 -- server_endpoint
    application_token TEXT NOT NULL DEFAULT '',      -- sealed
    admin_id          TEXT NOT NULL DEFAULT '',      -- whose token works in the background
    scope             TEXT NOT NULL DEFAULT '',
    language          TEXT NOT NULL DEFAULT 'en',
    installed         BOOLEAN NOT NULL DEFAULT FALSE,
    stages            TEXT NOT NULL DEFAULT '{}',    -- paid stage by invoice funnel, JSON
    created_at        TIMESTAMP NOT NULL,
    updated_at        TIMESTAMP NOT NULL
);

CREATE TABLE portal_users (
    portal_id  TEXT NOT NULL REFERENCES portals (id),
    user_id    TEXT NOT NULL,
    name       TEXT NOT NULL,
    admin      BOOLEAN NOT NULL,
    seen_at    TIMESTAMP NOT NULL,
    PRIMARY KEY (portal_id, user_id)
);

CREATE TABLE portal_tokens (
    portal_id  TEXT NOT NULL REFERENCES portals (id),
    user_id    TEXT NOT NULL,
    access     TEXT NOT NULL,                        -- sealed
    refresh    TEXT NOT NULL,                        -- sealed
    expires_at TIMESTAMP NOT NULL,
    dead       BOOLEAN NOT NULL DEFAULT FALSE,
    version    BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (portal_id, user_id)
);

CREATE TABLE rights (
    portal_id TEXT NOT NULL REFERENCES portals (id),
    subject   TEXT NOT NULL,                         -- a user id, or D and a department id
    rights    TEXT NOT NULL,                         -- words with spaces between
    PRIMARY KEY (portal_id, subject)
);

CREATE TABLE invoice_requests (
    portal_id  TEXT NOT NULL REFERENCES portals (id),
    request_id TEXT NOT NULL,
    hash       TEXT NOT NULL,
    xml_id     TEXT NOT NULL,
    document   TEXT NOT NULL DEFAULT '',             -- empty until the CRM has it
    claimed_at TIMESTAMP NOT NULL,
    PRIMARY KEY (portal_id, request_id)
);
-- +goose Down
