-- The money: one row per payment, its history, and what the terminal printed. The guards repeat design rules that code alone must not be trusted with.
-- +goose Up
CREATE TABLE payments (
    id                TEXT PRIMARY KEY,
    portal_id         TEXT NOT NULL REFERENCES portals (id),
    request_id        TEXT NOT NULL,
    request_hash      TEXT NOT NULL,
    kind              TEXT NOT NULL CHECK (kind IN ('purchase', 'refund')),
    refund_of         TEXT NOT NULL DEFAULT '',
    document          TEXT NOT NULL,
    document_title    TEXT NOT NULL DEFAULT '',
    document_total    BIGINT NOT NULL,
    deal_id           TEXT NOT NULL DEFAULT '',
    terminal_id       TEXT NOT NULL REFERENCES terminals (id),
    terminal_name     TEXT NOT NULL,
    provider          TEXT NOT NULL,
    pairing_id        TEXT NOT NULL,
    session_id        TEXT NOT NULL,
    txn_ref           TEXT NOT NULL,
    sale_uid          TEXT NOT NULL,
    link              TEXT NOT NULL DEFAULT '',      -- a refund's way back to the sale (Linkly RFN)
    amount            BIGINT NOT NULL CHECK (amount > 0),
    currency          TEXT NOT NULL,
    reason            TEXT NOT NULL DEFAULT '',
    state             TEXT NOT NULL CHECK (state IN ('created', 'sent', 'unknown', 'review', 'approved', 'declined', 'cancelled', 'never_started')),
    released          BOOLEAN NOT NULL DEFAULT FALSE,
    version           BIGINT NOT NULL,
    due_at            TIMESTAMP,
    started_by        TEXT NOT NULL,
    started_by_name   TEXT NOT NULL,
    created_at        TIMESTAMP NOT NULL,
    sent_at           TIMESTAMP,
    begin_over_at     TIMESTAMP,                     -- when the sending call was certainly over
    last_event_at     TIMESTAMP,                     -- when the provider last spoke by itself
    asks              BIGINT NOT NULL DEFAULT 0,     -- questions since then
    seen              BOOLEAN NOT NULL DEFAULT FALSE, -- the provider ever showed that it knows the session
    absent_count      BIGINT NOT NULL DEFAULT 0,     -- "never seen" answers that count as proof
    absent_at         TIMESTAMP,                     -- the latest of them
    notify_hash       TEXT NOT NULL DEFAULT '',      -- what a callback's header must hash to
    display           TEXT,
    told              TEXT,                          -- a callback's result, not yet confirmed by our question
    told_at           TIMESTAMP,
    decided_at        TIMESTAMP,
    confirmed_at      TIMESTAMP,
    source            TEXT NOT NULL DEFAULT '' CHECK (source IN ('', 'asked', 'callback', 'manual')),
    approved_amount   BIGINT,
    surcharge         BIGINT NOT NULL DEFAULT 0,
    tip               BIGINT NOT NULL DEFAULT 0,
    cash_out          BIGINT NOT NULL DEFAULT 0,
    total             BIGINT NOT NULL DEFAULT 0,
    response_code     TEXT NOT NULL DEFAULT '',
    response_text     TEXT NOT NULL DEFAULT '',
    card_type         TEXT NOT NULL DEFAULT '',
    last4             TEXT NOT NULL DEFAULT '',
    entry             TEXT NOT NULL DEFAULT '',
    account           TEXT NOT NULL DEFAULT '',
    auth_code         TEXT NOT NULL DEFAULT '',
    rrn               TEXT NOT NULL DEFAULT '',
    stan              TEXT NOT NULL DEFAULT '',
    settlement_date   TEXT NOT NULL DEFAULT '',
    rfn               TEXT NOT NULL DEFAULT '',
    reference         TEXT NOT NULL DEFAULT '',
    -- money is approved with an amount, and nothing else carries one
    CHECK ((state = 'approved') = (approved_amount IS NOT NULL)),
    -- a decided payment says when and on whose word, unless it was never sent
    CHECK (state NOT IN ('approved', 'declined') OR (decided_at IS NOT NULL AND source <> '')),
    CHECK (state IN ('created', 'cancelled', 'never_started') OR sent_at IS NOT NULL)
);
CREATE UNIQUE INDEX payments_request ON payments (portal_id, request_id);
CREATE UNIQUE INDEX payments_session ON payments (session_id);
CREATE UNIQUE INDEX payments_txn_ref ON payments (txn_ref);
CREATE UNIQUE INDEX payments_terminal_held ON payments (terminal_id)
    WHERE state IN ('created', 'sent', 'unknown') AND released = FALSE;
CREATE UNIQUE INDEX payments_document_open ON payments (portal_id, document)
    WHERE kind = 'purchase' AND (state IN ('created', 'sent', 'unknown', 'review')
        OR (state IN ('declined', 'cancelled') AND source = 'callback' AND confirmed_at IS NULL));
CREATE INDEX payments_due ON payments (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX payments_document ON payments (portal_id, document);
CREATE INDEX payments_refund_of ON payments (refund_of) WHERE refund_of <> '';
CREATE INDEX payments_listed ON payments (portal_id, created_at, id);

CREATE TABLE payment_history (
    id         TEXT PRIMARY KEY,
    payment_id TEXT NOT NULL REFERENCES payments (id),
    seq        BIGINT NOT NULL,
    at         TIMESTAMP NOT NULL,
    from_state TEXT NOT NULL,
    to_state   TEXT NOT NULL,
    event      TEXT NOT NULL,
    actor      TEXT NOT NULL,
    why        TEXT NOT NULL DEFAULT '',
    evidence   TEXT
);
CREATE UNIQUE INDEX payment_history_order ON payment_history (payment_id, seq);

CREATE TABLE payment_receipts (
    payment_id TEXT NOT NULL REFERENCES payments (id),
    hash       TEXT NOT NULL,                        -- of type and text: the same slip is kept once
    type       TEXT NOT NULL,
    text       TEXT NOT NULL,
    at         TIMESTAMP NOT NULL,
    PRIMARY KEY (payment_id, hash)
);

CREATE TABLE payment_alerts (
    payment_id TEXT NOT NULL REFERENCES payments (id),
    code       TEXT NOT NULL,
    text       TEXT NOT NULL,
    at         TIMESTAMP NOT NULL,
    PRIMARY KEY (payment_id, code)
);

CREATE TABLE write_backs (
    id         TEXT PRIMARY KEY,
    payment_id TEXT NOT NULL REFERENCES payments (id),
    portal_id  TEXT NOT NULL,
    target     TEXT NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('waiting', 'done', 'attention')),
    attempts   BIGINT NOT NULL DEFAULT 0,
    last_error TEXT NOT NULL DEFAULT '',
    external   TEXT NOT NULL DEFAULT '',             -- what the CRM called the thing we made
    note       TEXT NOT NULL DEFAULT '',
    due_at     TIMESTAMP,
    created_at TIMESTAMP NOT NULL,
    done_at    TIMESTAMP
);
CREATE UNIQUE INDEX write_backs_target ON write_backs (payment_id, target);
CREATE INDEX write_backs_due ON write_backs (due_at) WHERE due_at IS NOT NULL;
-- +goose Down
