-- Replays: deliveries that go through their queues once more, under the configuration of that day.
CREATE TABLE replay (
    id           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    workspace    text        NOT NULL,
    -- What is replayed. Null: whatever it is.
    event_id     uuid,
    source       text,
    event_type   text,
    outcome      text,
    -- workspace/customer/key
    customer     text,
    from_at      timestamptz,
    to_at        timestamptz NOT NULL,
    -- The intake queues that are meant, and the ids between which deliveries of that time have theirs: they begin with their time.
    queues       int[]       NOT NULL,
    cursor       uuid        NOT NULL,
    until        uuid        NOT NULL,
    -- previewed, running, completed, canceled.
    state        text        NOT NULL DEFAULT 'previewed',
    preview      text        NOT NULL,
    total        bigint      NOT NULL,
    -- Deliveries that were put into their queues; all of them are once is_fed. Committed with their messages.
    fed          bigint      NOT NULL DEFAULT 0,
    is_fed       boolean     NOT NULL DEFAULT false,
    requested_by text        NOT NULL,
    requested_at timestamptz NOT NULL DEFAULT now(),
    started_by   text,
    started_at   timestamptz,
    canceled_by  text,
    ended_at     timestamptz,
    CONSTRAINT replay_state_is_known CHECK (state IN ('previewed', 'running', 'completed', 'canceled')),
    CONSTRAINT running_was_started CHECK (state IN ('previewed', 'canceled') OR (started_by IS NOT NULL AND started_at IS NOT NULL)),
    CONSTRAINT ended_at_an_instant CHECK ((state IN ('completed', 'canceled')) = (ended_at IS NOT NULL))
);
CREATE INDEX replay_running ON replay (id) WHERE state = 'running';

-- What became of its deliveries: a row for each batch and outcome, written with them, so that batches don't wait for each other at one row.
CREATE TABLE replay_count (
    replay  bigint NOT NULL,
    outcome text   NOT NULL,
    events  bigint NOT NULL
);
CREATE INDEX replay_count_by_replay ON replay_count (replay);

-- Retention empties a body and leaves its row: id, key and hash are how a repeat is known.
ALTER TABLE raw_event ADD COLUMN purged_at timestamptz;
ALTER TABLE event ADD COLUMN purged_at timestamptz;

-- Deliveries that the source's configuration drops; their bodies go first.
CREATE TABLE dropped_delivery (
    event_id   uuid        PRIMARY KEY,
    workspace  text        NOT NULL,
    dropped_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX dropped_delivery_by_age ON dropped_delivery (workspace, dropped_at, event_id);

-- How far each class was purged: in the order of its table's key, so that no index is needed for it. Part is a partition of the ledger, or 0.
CREATE TABLE retention (
    workspace text        NOT NULL,
    class     text        NOT NULL,
    part      int         NOT NULL,
    cursor    text        NOT NULL,
    -- Of the oldest that wasn't reached yet; null where there was none.
    oldest_at timestamptz,
    purged    bigint      NOT NULL DEFAULT 0,
    PRIMARY KEY (workspace, class, part)
);

-- What was old enough but still needed: looked at again, while the cursor goes on.
CREATE TABLE retention_deferred (
    workspace text        NOT NULL,
    class     text        NOT NULL,
    part      int         NOT NULL,
    key       text        NOT NULL,
    due_at    timestamptz NOT NULL,
    PRIMARY KEY (workspace, class, part, key)
);
CREATE INDEX retention_deferred_due ON retention_deferred (workspace, class, due_at);

-- Whether anybody still works on the event: a person, or a connector. Of a delivery that told of several events, each is needed as long as
-- one of them or the delivery is.
CREATE FUNCTION event_is_needed(wanted uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    WITH family AS (
        SELECT wanted AS event_id
        UNION SELECT e.part_of FROM event e WHERE e.event_id = wanted AND e.part_of IS NOT NULL
        UNION SELECT e.event_id FROM event e WHERE e.part_of = wanted)
    SELECT EXISTS (SELECT FROM family f JOIN review r ON r.event_id = f.event_id WHERE r.closed_at IS NULL)
        OR EXISTS (SELECT FROM family f JOIN dead_letter d ON d.event_id = f.event_id WHERE d.ended_at IS NULL)
        OR EXISTS (SELECT FROM family f JOIN command c ON c.event_id = f.event_id WHERE c.state IN ('waiting', 'blocked', 'sent', 'manual_review'))
        OR EXISTS (SELECT FROM family f JOIN drift_held h ON h.event_id = f.event_id)
$$;
