-- Terminals as cards of the CRM, and which events of the CRM are only our own writes coming back.
-- +goose Up
CREATE TABLE mirrors (
    portal_id      TEXT PRIMARY KEY REFERENCES portals (id),
    wanted         BOOLEAN NOT NULL,
    type_id        BIGINT NOT NULL DEFAULT 0,        -- of the smart process; 0: not made yet
    entity_type_id BIGINT NOT NULL DEFAULT 0,
    failures       BIGINT NOT NULL DEFAULT 0,        -- looks in a row that did not work
    trouble        TEXT NOT NULL DEFAULT '',         -- why the last one did not
    revision       BIGINT NOT NULL DEFAULT 0,        -- grows when there is something to look at
    due_at         TIMESTAMP,
    claimed_until  TIMESTAMP
);
CREATE INDEX mirrors_due ON mirrors (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE mirror_cards (
    terminal_id TEXT PRIMARY KEY REFERENCES terminals (id),
    portal_id   TEXT NOT NULL REFERENCES portals (id),
    agreed      TEXT NOT NULL                        -- name and people when both sides last said the same, JSON
);
CREATE INDEX mirror_cards_portal ON mirror_cards (portal_id);

CREATE TABLE echoes (
    portal_id TEXT NOT NULL,
    entity    TEXT NOT NULL,
    entity_id TEXT NOT NULL,
    events    BIGINT NOT NULL,                       -- still to come
    until     TIMESTAMP NOT NULL,
    PRIMARY KEY (portal_id, entity, entity_id)
);
-- +goose Down
