-- Who belongs where and may use what: the portal's directory, its departments, groups of terminals, and when a shop opens.
-- +goose Up
ALTER TABLE portal_users ADD COLUMN entered BOOLEAN NOT NULL DEFAULT TRUE;  -- has opened the app; false: known from the directory only
ALTER TABLE portal_users ADD COLUMN active BOOLEAN NOT NULL DEFAULT TRUE;   -- false: dismissed
ALTER TABLE portal_users ADD COLUMN position TEXT NOT NULL DEFAULT '';
ALTER TABLE portal_users ADD COLUMN sought TEXT NOT NULL DEFAULT '';        -- the name in small letters: SQLite folds English ones only
ALTER TABLE portal_users ADD COLUMN time_zone TEXT NOT NULL DEFAULT '';
ALTER TABLE portal_users ADD COLUMN placed_at TIMESTAMP;                    -- when Bitrix24 last named the departments
CREATE INDEX portal_users_name ON portal_users (portal_id, name, user_id);

CREATE TABLE departments (
    portal_id TEXT NOT NULL REFERENCES portals (id),
    subject   TEXT NOT NULL,                         -- D and the department's id, as rights name it
    name      TEXT NOT NULL,
    parent    TEXT NOT NULL DEFAULT '',              -- the subject above
    PRIMARY KEY (portal_id, subject)
);

CREATE TABLE user_departments (
    portal_id TEXT NOT NULL,
    user_id   TEXT NOT NULL,
    subject   TEXT NOT NULL,                         -- own departments and those above them
    PRIMARY KEY (portal_id, user_id, subject)
);
CREATE INDEX user_departments_subject ON user_departments (portal_id, subject);

CREATE TABLE terminal_groups (
    id         TEXT PRIMARY KEY,
    portal_id  TEXT NOT NULL REFERENCES portals (id),
    name       TEXT NOT NULL,
    department TEXT NOT NULL DEFAULT '',             -- whose people belong to it, as D5; empty: only those named below
    opens_at   TEXT NOT NULL DEFAULT '',             -- such as 08:30; empty: the portal's
    time_zone  TEXT NOT NULL DEFAULT ''
);
CREATE INDEX terminal_groups_portal ON terminal_groups (portal_id);

CREATE TABLE terminal_group_users (
    group_id  TEXT NOT NULL REFERENCES terminal_groups (id),
    portal_id TEXT NOT NULL,
    user_id   TEXT NOT NULL,
    PRIMARY KEY (group_id, user_id)
);
CREATE INDEX terminal_group_users_user ON terminal_group_users (portal_id, user_id);

ALTER TABLE terminals ADD COLUMN group_id TEXT NOT NULL DEFAULT '';
ALTER TABLE terminals ADD COLUMN sought TEXT NOT NULL DEFAULT '';
ALTER TABLE terminals ADD COLUMN status_code TEXT NOT NULL DEFAULT '';      -- what status_reason means, for words in other languages
ALTER TABLE terminals ADD COLUMN check_at TIMESTAMP;                        -- the next opening check
UPDATE terminals SET sought = LOWER(name);
UPDATE portal_users SET sought = LOWER(name);
CREATE INDEX terminals_check ON terminals (check_at) WHERE check_at IS NOT NULL;
CREATE INDEX terminals_group ON terminals (group_id) WHERE group_id <> '';
CREATE INDEX terminals_listed ON terminals (portal_id, name, id);
CREATE INDEX default_terminals_terminal ON default_terminals (terminal_id);

ALTER TABLE pairings ADD COLUMN serial TEXT NOT NULL DEFAULT '';            -- of the hardware that it was for

ALTER TABLE portals ADD COLUMN opens_at TEXT NOT NULL DEFAULT '';
ALTER TABLE portals ADD COLUMN time_zone TEXT NOT NULL DEFAULT '';
ALTER TABLE portals ADD COLUMN people_due_at TIMESTAMP;                     -- when the directory is read again
CREATE INDEX portals_people_due ON portals (people_due_at) WHERE people_due_at IS NOT NULL;
-- +goose Down
