-- Who has a terminal when it is no payment: a logon, a settlement, an opening check. One at a time, and never beside a payment.
-- +goose Up
CREATE TABLE terminal_holds (
    terminal_id TEXT PRIMARY KEY REFERENCES terminals (id),
    id          TEXT NOT NULL,                       -- the holder's own, so that only it lets go
    what        TEXT NOT NULL,                       -- in one word: logon, settlement, …
    by_id       TEXT NOT NULL,
    by_name     TEXT NOT NULL,
    since       TIMESTAMP NOT NULL,
    until       TIMESTAMP NOT NULL                   -- renewed while the work runs; a crash lets go by itself
);
-- +goose Down
