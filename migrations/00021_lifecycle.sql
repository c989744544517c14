-- A portal's life with us: the steps of its installation, who carries one out alone, leaving, being forgotten, and what the portal's events say was changed.
-- +goose Up
ALTER TABLE portals ADD COLUMN steps TEXT NOT NULL DEFAULT '{}';            -- how each step of the installation went last, JSON
ALTER TABLE portals ADD COLUMN installing_until TIMESTAMP;                  -- somebody makes what may exist only once
ALTER TABLE portals ADD COLUMN funnels TEXT NOT NULL DEFAULT '[]';          -- the invoice funnels and their names, JSON
ALTER TABLE portals ADD COLUMN payment_expired BOOLEAN NOT NULL DEFAULT FALSE; -- the paid period of the app is over
ALTER TABLE portals ADD COLUMN retention_days BIGINT NOT NULL DEFAULT 30;   -- how long personal data outlives an uninstallation
ALTER TABLE portals ADD COLUMN left_at TIMESTAMP;                           -- uninstalled
ALTER TABLE portals ADD COLUMN forget_at TIMESTAMP;                         -- personal data goes then
ALTER TABLE portals ADD COLUMN seen_at TIMESTAMP;                           -- the portal last answered a look of ours
ALTER TABLE portals ADD COLUMN due_at TIMESTAMP;                            -- the next look
CREATE INDEX portals_due ON portals (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE portal_changes (
    id         TEXT PRIMARY KEY,
    portal_id  TEXT NOT NULL REFERENCES portals (id),
    entity     TEXT NOT NULL CHECK (entity IN ('deal', 'invoice', 'order')),
    entity_id  TEXT NOT NULL,
    due_at     TIMESTAMP NOT NULL,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (portal_id, entity, entity_id)
);
CREATE INDEX portal_changes_due ON portal_changes (due_at);

UPDATE portals SET due_at = updated_at;
-- +goose Down
