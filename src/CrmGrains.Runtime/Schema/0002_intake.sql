-- A delivery as it came: the exact bytes and how they were verified.
CREATE TABLE raw_event (
    event_id     uuid        PRIMARY KEY,
    -- The source's intake queue; stands for workspace and source.
    partition    int         NOT NULL,
    delivery_id  text        NOT NULL,
    received_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    content_type text,
    headers      text        NOT NULL,
    verification text        NOT NULL,
    body         bytea       NOT NULL,
    body_hash    bytea       NOT NULL,
    CONSTRAINT one_event_a_delivery UNIQUE (partition, delivery_id)
);

-- The normalized form. A logical event is there once, whatever number of deliveries told it.
CREATE TABLE event (
    event_id        uuid        PRIMARY KEY,
    workspace       text        NOT NULL,
    idempotency_key text        NOT NULL,
    event_type      text        NOT NULL,
    occurred_at     timestamptz NOT NULL,
    body            text        NOT NULL,
    CONSTRAINT one_logical_event UNIQUE (workspace, idempotency_key)
);

-- Which customer an identifier belongs to. Kinds: email, phone, external ids as external:<system>.
CREATE TABLE identity (
    workspace text        NOT NULL,
    kind      text        NOT NULL,
    value     text        NOT NULL,
    -- The customer grain's key.
    customer  text        NOT NULL,
    event_id  uuid        NOT NULL,
    seen_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace, kind, value)
);
CREATE INDEX identity_by_customer ON identity (workspace, customer);
