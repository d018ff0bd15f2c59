-- Where a source only calls that there is something to fetch, how far it was fetched: one row for each of the sender's webhooks.
CREATE TABLE pull (
    -- The source's intake queue, into which the deliveries go.
    partition int         NOT NULL,
    webhook   text        NOT NULL,
    workspace text        NOT NULL,
    source    text        NOT NULL,
    base      text        NOT NULL,
    -- The number of the next payload; moved in the transaction that stores those before it.
    cursor    bigint      NOT NULL DEFAULT 1,
    -- Calls so far: one that came while a page was fetched has the page after it fetched at once.
    pings     bigint      NOT NULL DEFAULT 1,
    due_at    timestamptz NOT NULL DEFAULT now(),
    -- Failures in a row.
    attempts  int         NOT NULL DEFAULT 0,
    -- Why it doesn't go on, for an operator.
    error     text,
    PRIMARY KEY (partition, webhook),
    CONSTRAINT payloads_count_from_one CHECK (cursor >= 1)
);
CREATE INDEX pull_due ON pull (due_at);
