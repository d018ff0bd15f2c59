-- Mailboxes, turns, ledger. A row of partition is what a silo locks to own it; 0 to 63 are the grains' partitions, from 1000 on there
-- is one intake queue for each source.
CREATE TABLE partition (
    id            int         PRIMARY KEY,
    kind          text        NOT NULL,
    workspace     text,
    source        text,
    -- The silo that ran it last: if a silo finds itself here, nobody else has written since, and its cache is valid.
    silo          uuid,
    served_at     timestamptz NOT NULL DEFAULT now(),
    -- The ledger's chain: the last position and its hash.
    head_position bigint      NOT NULL DEFAULT 0,
    head_hash     bytea       NOT NULL DEFAULT decode(repeat('00', 32), 'hex'),
    -- Every message up to mark was popped and none can appear below it any more: scans start there. candidate becomes the mark once
    -- every transaction that was running when it was popped (xid below candidate_xmax) has ended.
    mark           bigint     NOT NULL DEFAULT 0,
    candidate      bigint     NOT NULL DEFAULT 0,
    candidate_xmax xid8       NOT NULL DEFAULT '0',
    CONSTRAINT partition_kind_is_known CHECK (kind IN ('grains', 'intake')),
    CONSTRAINT intake_has_a_source CHECK ((kind = 'intake') = (workspace IS NOT NULL AND source IS NOT NULL)),
    CONSTRAINT one_intake_queue_a_source UNIQUE (workspace, source)
) WITH (fillfactor = 40);

INSERT INTO partition (id, kind) SELECT id, 'grains' FROM generate_series(0, 63) id;

CREATE SEQUENCE intake_partition START 1000;

-- The ids come from one sequence without a cache, so that what is sent later has the higher id.
CREATE SEQUENCE message_id CACHE 1;

CREATE TABLE message (
    -- A transaction has its own id before it draws a message's: the proof that nothing appears below a partition's mark rests on it.
    id        bigint      NOT NULL DEFAULT CASE WHEN pg_current_xact_id() IS NOT NULL THEN nextval('message_id') END,
    partition int         NOT NULL,
    workspace text        NOT NULL,
    -- workspace/kind/key; empty in an intake queue.
    grain     text        NOT NULL,
    kind      text        NOT NULL,
    event_id  uuid,
    body      text        NOT NULL,
    sent_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (partition, id)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);

CREATE TABLE grain (
    partition  int    NOT NULL,
    grain      text   NOT NULL,
    -- Turns that were committed, counted from 1.
    version    bigint NOT NULL,
    state      text   NOT NULL,
    PRIMARY KEY (partition, grain)
) WITH (fillfactor = 80);

CREATE TABLE timer (
    partition int         NOT NULL,
    grain     text        NOT NULL,
    name      text        NOT NULL,
    event_id  uuid,
    due_at    timestamptz NOT NULL,
    PRIMARY KEY (grain, name)
);
CREATE INDEX timer_due ON timer (partition, due_at);

CREATE TABLE ledger (
    partition   int         NOT NULL,
    position    bigint      NOT NULL,
    workspace   text        NOT NULL,
    grain       text        NOT NULL,
    -- The grain's version after the turn; 0 where there is no grain.
    version     bigint      NOT NULL,
    message_id  bigint      NOT NULL,
    kind        text        NOT NULL,
    outcome     text        NOT NULL,
    event_id    uuid,
    configuration text      NOT NULL,
    silo        uuid        NOT NULL,
    -- When the batch had its partition, and when this row was written: the turns of one grain never overlap between the two.
    began_at    timestamptz NOT NULL,
    written_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- Message, decision trace and effects, with whatever personal data they carry. Erasing sets detail and salt to null; the chain
    -- holds only detail_hash = sha256(salt || detail), so it still verifies.
    detail      text,
    salt        bytea,
    detail_hash bytea       NOT NULL,
    hash        bytea       NOT NULL,
    PRIMARY KEY (partition, position)
);
CREATE INDEX ledger_by_event ON ledger (event_id) WHERE event_id IS NOT NULL;

CREATE FUNCTION refuse_ledger_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.detail IS NULL AND NEW.salt IS NULL
        AND (NEW.partition, NEW.position, NEW.workspace, NEW.grain, NEW.version, NEW.message_id, NEW.kind, NEW.outcome, NEW.configuration,
             NEW.silo, NEW.began_at, NEW.written_at, NEW.detail_hash, NEW.hash)
          = (OLD.partition, OLD.position, OLD.workspace, OLD.grain, OLD.version, OLD.message_id, OLD.kind, OLD.outcome, OLD.configuration,
             OLD.silo, OLD.began_at, OLD.written_at, OLD.detail_hash, OLD.hash)
        AND NEW.event_id IS NOT DISTINCT FROM OLD.event_id THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'The ledger is append-only: % is refused; only the detail may be erased.', TG_OP USING ERRCODE = 'restrict_violation';
END
$$;
CREATE TRIGGER ledger_is_append_only BEFORE UPDATE OR DELETE ON ledger FOR EACH ROW EXECUTE FUNCTION refuse_ledger_change();
CREATE TRIGGER ledger_is_never_truncated BEFORE TRUNCATE ON ledger FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change();

-- What a person shall look at.
CREATE TABLE review (
    id         uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
    workspace  text        NOT NULL,
    -- Names the question: there is one open item for each.
    key        text        NOT NULL,
    reason     text        NOT NULL,
    summary    text        NOT NULL,
    grain      text        NOT NULL,
    event_id   uuid,
    detail     text,
    opened_at  timestamptz NOT NULL DEFAULT now(),
    closed_at  timestamptz,
    resolution text,
    CONSTRAINT closed_with_a_resolution CHECK ((closed_at IS NULL) = (resolution IS NULL))
);
CREATE UNIQUE INDEX one_open_review_a_key ON review (workspace, key) WHERE closed_at IS NULL;
CREATE INDEX review_by_event ON review (event_id) WHERE event_id IS NOT NULL;

-- Messages and commands that were given up on, kept for a person.
CREATE TABLE dead_letter (
    id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- 'turns' for messages, 'crm_api_failed_jobs' for commands.
    queue      text        NOT NULL,
    workspace  text        NOT NULL,
    partition  int,
    grain      text        NOT NULL,
    kind       text        NOT NULL,
    event_id   uuid,
    command_id bigint,
    body       text        NOT NULL,
    error      text        NOT NULL,
    died_at    timestamptz NOT NULL DEFAULT now(),
    ended_at   timestamptz,
    resolution text,
    CONSTRAINT ended_with_a_resolution CHECK ((ended_at IS NULL) = (resolution IS NULL))
);
CREATE INDEX dead_letter_open ON dead_letter (queue, id) WHERE ended_at IS NULL;
CREATE INDEX dead_letter_by_event ON dead_letter (event_id) WHERE event_id IS NOT NULL;

-- Every configuration that a ledger entry names, so that its turn can be repeated.
CREATE TABLE configuration (
    hash      text        PRIMARY KEY,
    workspace text        NOT NULL,
    body      text        NOT NULL,
    seen_at   timestamptz NOT NULL DEFAULT now()
);
