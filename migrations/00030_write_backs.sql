-- What is told to the CRM again when it changes, in which form it stands there, and what a portal's administrator wants to be told.
-- +goose Up
ALTER TABLE write_backs ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;      -- grows when there is something new to tell
ALTER TABLE write_backs ADD COLUMN tries_before BIGINT NOT NULL DEFAULT 0;  -- tries that went into what was told before
ALTER TABLE write_backs ADD COLUMN wanted_at TIMESTAMP;                     -- since when it has to be told again
ALTER TABLE write_backs ADD COLUMN form TEXT NOT NULL DEFAULT '';           -- card or entry, as it stands in the timeline
ALTER TABLE write_backs ADD COLUMN stage_before TEXT NOT NULL DEFAULT '';   -- what the stage was before we touched it
ALTER TABLE write_backs ADD COLUMN paid_document BIGINT NOT NULL DEFAULT 0; -- the payment document that we marked as paid

CREATE TABLE crm_settings (
    portal_id  TEXT PRIMARY KEY REFERENCES portals (id),
    stages     TEXT NOT NULL DEFAULT '{}',                                  -- by invoice funnel: paid, partly paid, refunded
    fields     BOOLEAN NOT NULL DEFAULT FALSE,                              -- our own custom fields on invoices
    notices    BOOLEAN NOT NULL DEFAULT TRUE,
    automation BOOLEAN NOT NULL DEFAULT FALSE,                              -- triggers and the robot
    app_code   TEXT NOT NULL DEFAULT '',                                    -- under which the portal runs us, for deep links
    updated_at TIMESTAMP NOT NULL
);
-- +goose Down
