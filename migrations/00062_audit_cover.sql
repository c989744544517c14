-- What names people in the audit can be forgotten, and the chain still be verified: lines are bound by a hash of it.
-- +goose Up
ALTER TABLE audit_lines ADD COLUMN salt TEXT NOT NULL DEFAULT '';   -- empty once forgotten
ALTER TABLE audit_lines ADD COLUMN cover TEXT NOT NULL DEFAULT '';  -- the hash of salt, name and words; empty in older lines
-- +goose Down
