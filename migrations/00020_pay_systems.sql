-- How orders are paid through us: our own pay system by kind of buyer, made once by the installer.
-- +goose Up
ALTER TABLE portals ADD COLUMN pay_systems TEXT NOT NULL DEFAULT '{}';
-- +goose Down
