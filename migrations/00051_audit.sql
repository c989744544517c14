-- Who did what that others may ask about later: append-only, each line bound to the one before it. A chain for each portal.
-- +goose Up
CREATE TABLE audit_lines (
    portal_id  TEXT NOT NULL,                        -- no reference: lines outlive what they speak of; empty for the installation itself
    seq        BIGINT NOT NULL,                      -- 1, 2, 3, … without a gap
    at         TIMESTAMP NOT NULL,
    actor_id   TEXT NOT NULL,
    actor_name TEXT NOT NULL,
    action     TEXT NOT NULL,
    subject    TEXT NOT NULL,
    detail     TEXT NOT NULL,
    prev       TEXT NOT NULL,                        -- the hash of the line before
    hash       TEXT NOT NULL,                        -- of this line, prev included
    PRIMARY KEY (portal_id, seq)
);

CREATE TABLE audit_heads (
    portal_id TEXT PRIMARY KEY,
    seq       BIGINT NOT NULL,                       -- of the newest line
    hash      TEXT NOT NULL
);
-- +goose Down
