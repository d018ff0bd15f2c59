-- What a source's deliveries usually look like: a sketch of paths and types for each version of its map and each type of event.
CREATE TABLE drift_sketch (
    workspace text        NOT NULL,
    source    text        NOT NULL,
    -- The hash of the source's map and format, and where its events name their type: a slash and the type.
    version   text        NOT NULL,
    revision  bigint      NOT NULL DEFAULT 1,
    body      text        NOT NULL,
    PRIMARY KEY (workspace, source, version)
);

-- A change of shape that was seen: one open row for each, whatever number of deliveries show it.
CREATE TABLE drift_alert (
    id            uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    workspace     text        NOT NULL,
    source        text        NOT NULL,
    -- The source's intake queue.
    partition     int         NOT NULL,
    version       text        NOT NULL,
    path          text        NOT NULL,
    kind          text        NOT NULL,
    -- What was seen, and what was usual; types and short words, never a customer's data.
    seen          text[]      NOT NULL,
    usual         text        NOT NULL,
    samples       uuid[]      NOT NULL,
    count         bigint      NOT NULL,
    first_seen_at timestamptz NOT NULL DEFAULT now(),
    last_seen_at  timestamptz NOT NULL DEFAULT now(),
    ended_at      timestamptz,
    resolution    text,
    CONSTRAINT drift_kind_is_known CHECK (kind IN ('missing', 'retyped', 'new_value')),
    CONSTRAINT drift_ended_with_a_resolution CHECK ((ended_at IS NULL) = (resolution IS NULL))
);
CREATE UNIQUE INDEX one_open_alert_a_change ON drift_alert (workspace, source, path, kind) WHERE ended_at IS NULL;
CREATE INDEX drift_alert_of_version ON drift_alert (workspace, source, version);

-- Deliveries that would lose something under the map as it is. They wait here until the map is mended or their changes are accepted.
CREATE TABLE drift_held (
    event_id   uuid        PRIMARY KEY,
    workspace  text        NOT NULL,
    source     text        NOT NULL,
    partition  int         NOT NULL,
    -- Their place in the order of arrival.
    message_id bigint      NOT NULL,
    version    text        NOT NULL,
    -- path/kind of each change that holds it.
    changes    text[]      NOT NULL,
    held_at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX drift_held_in_order ON drift_held (workspace, source, message_id);

-- When deliveries of a source usually come.
CREATE TABLE source_rhythm (
    -- The source's intake queue.
    partition int         PRIMARY KEY,
    workspace text        NOT NULL,
    source    text        NOT NULL,
    -- Hours of the week with their usual number of deliveries, and those of the last week.
    body      text        NOT NULL,
    -- The last delivery; before the first: when the source began to be watched.
    last_at   timestamptz NOT NULL,
    -- Set while it is silent beyond what is usual.
    silent_at timestamptz
);
