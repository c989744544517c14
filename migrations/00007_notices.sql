-- What people are told in Bitrix24's notification centre: one row per person and subject, told until it arrived or is stale.
-- +goose Up
CREATE TABLE notices (
    id         TEXT PRIMARY KEY,
    portal_id  TEXT NOT NULL REFERENCES portals (id),
    user_id    TEXT NOT NULL,
    tag        TEXT NOT NULL,                        -- the subject: a newer notice of the same one replaces the older
    text       TEXT NOT NULL,
    version    BIGINT NOT NULL,                      -- counts the texts, so that a late answer does not end a newer one
    attempts   BIGINT NOT NULL DEFAULT 0,
    last_error TEXT NOT NULL DEFAULT '',
    due_at     TIMESTAMP,                            -- null: told, or given up
    created_at TIMESTAMP NOT NULL,                   -- of the present text
    told_at    TIMESTAMP
);
CREATE UNIQUE INDEX notices_subject ON notices (portal_id, user_id, tag);
CREATE INDEX notices_due ON notices (due_at) WHERE due_at IS NOT NULL;
-- +goose Down
