-- What a payment asks of the terminal beside its amount, and what a portal allows at its tills. On a refund want_tip and want_surcharge are what goes back with it.
-- +goose Up
ALTER TABLE payments ADD COLUMN want_tip BIGINT NOT NULL DEFAULT 0 CHECK (want_tip >= 0);
ALTER TABLE payments ADD COLUMN want_cash_out BIGINT NOT NULL DEFAULT 0 CHECK (want_cash_out >= 0 AND (want_cash_out = 0 OR kind = 'purchase'));
ALTER TABLE payments ADD COLUMN want_surcharge BIGINT NOT NULL DEFAULT 0 CHECK (want_surcharge >= 0 AND (want_surcharge = 0 OR kind = 'refund'));
ALTER TABLE payments ADD COLUMN cash_only BOOLEAN NOT NULL DEFAULT FALSE CHECK (cash_only = FALSE OR want_cash_out = amount);
ALTER TABLE payments ADD COLUMN ask_tip BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE payments ADD COLUMN tip_choices TEXT;             -- whole percents that the terminal offers, JSON
ALTER TABLE payments ADD COLUMN surcharge_rules TEXT;         -- as sent with this payment, JSON
ALTER TABLE payments ADD COLUMN moto BOOLEAN NOT NULL DEFAULT FALSE CHECK (moto = FALSE OR kind = 'purchase');
ALTER TABLE payments ADD COLUMN unmatched BOOLEAN NOT NULL DEFAULT FALSE CHECK (unmatched = FALSE OR kind = 'refund');

CREATE TABLE till_policies (
    portal_id       TEXT PRIMARY KEY REFERENCES portals (id),
    no_surcharge    BOOLEAN NOT NULL DEFAULT FALSE,  -- the law forbids it
    surcharge_rules TEXT,
    no_tips         BOOLEAN NOT NULL DEFAULT FALSE,
    tip_choices     TEXT,
    no_cash_out     BOOLEAN NOT NULL DEFAULT FALSE,
    no_moto         BOOLEAN NOT NULL DEFAULT FALSE,
    refund_extras   TEXT NOT NULL DEFAULT 'with_full' CHECK (refund_extras IN ('with_full', 'share', 'never')),
    unmatched       BOOLEAN NOT NULL DEFAULT FALSE,
    refund_limits   TEXT                             -- by employee, JSON
);
-- +goose Down
