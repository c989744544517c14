-- When a slip was first printed from our store: what is printed after that is marked as a duplicate.
-- +goose Up
ALTER TABLE payment_receipts ADD COLUMN printed_at TIMESTAMP;
-- +goose Down
