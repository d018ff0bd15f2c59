-- The outbox: wanted changes in outside systems. A turn inserts them; the connector that holds the account carries them out.
CREATE TABLE command (
    id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    workspace   text        NOT NULL,
    -- workspace/account
    account     text        NOT NULL,
    -- Event, step, object and operation: what it is done once for.
    effect_key  text        NOT NULL,
    event_id    uuid,
    -- The grain that is told how it ended, and its partition.
    grain       text        NOT NULL,
    partition   int         NOT NULL,
    object      text        NOT NULL,
    operation   text        NOT NULL,
    -- Commands of one lane change one record and run in order; they are of one object.
    lane        text        NOT NULL,
    body        text        NOT NULL,
    -- waiting, blocked (until the record named in blocked_on is known), sent (the intent: its outcome is open), succeeded,
    -- manual_review, dead_lettered, discarded.
    state       text        NOT NULL DEFAULT 'waiting',
    -- object:grain
    blocked_on  text,
    attempts    int         NOT NULL DEFAULT 0,
    -- Whether an earlier attempt may have been carried out although no answer came: it is looked for before it is repeated.
    is_uncertain boolean    NOT NULL DEFAULT false,
    due_at      timestamptz NOT NULL DEFAULT now(),
    created_at  timestamptz NOT NULL DEFAULT now(),
    sent_at     timestamptz,
    -- The receipt.
    ended_at    timestamptz,
    crm_id      text,
    action      text,
    response_hash bytea,
    -- Of the latest attempt that failed, also while it waits for the next.
    error       text,
    error_detail text,
    CONSTRAINT one_command_an_effect UNIQUE (workspace, effect_key),
    CONSTRAINT command_state_is_known CHECK
        (state IN ('waiting', 'blocked', 'sent', 'succeeded', 'manual_review', 'dead_lettered', 'discarded')),
    CONSTRAINT blocked_on_a_record CHECK ((state = 'blocked') = (blocked_on IS NOT NULL)),
    CONSTRAINT attempts_are_not_negative CHECK (attempts >= 0)
-- Every command changes its state a few times: the small indexes below must not fill up with what it was before.
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 5000);
-- One for each question that a connector asks, each as small as what is open: next of an object, left over by who held the account before, waiting for a record.
CREATE INDEX command_waiting ON command (account, object, id) WHERE state = 'waiting';
CREATE INDEX command_sent ON command (account, id) WHERE state = 'sent';
CREATE INDEX command_blocked ON command (account, blocked_on, id) WHERE state = 'blocked';
CREATE INDEX command_by_event ON command (event_id) WHERE event_id IS NOT NULL;

-- What the CRM calls the record of a grain.
CREATE TABLE crm_link (
    account    text        NOT NULL,
    object     text        NOT NULL,
    grain      text        NOT NULL,
    -- Null: writing it was given up for now (review or dead letter); who doesn't need it goes on without.
    crm_id     text,
    -- The newest command that the record was written for. An older one that turns up later (a retried dead letter) has nothing left to say.
    command_id bigint,
    linked_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account, object, grain),
    CONSTRAINT written_records_are_linked CHECK (command_id IS NULL OR crm_id IS NOT NULL)
);

-- Each call, whatever number of commands it carried.
CREATE TABLE crm_call (
    id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account     text        NOT NULL,
    method      text        NOT NULL,
    path        text        NOT NULL,
    request     text,
    status      int,
    response    text,
    outcome     text        NOT NULL,
    began_at    timestamptz NOT NULL,
    took_ms     double precision NOT NULL,
    quota_left  int
);
CREATE INDEX crm_call_by_time ON crm_call (began_at);

-- Which calls an attempt of a command was made of.
CREATE TABLE command_attempt (
    command_id bigint      NOT NULL,
    attempt    int         NOT NULL,
    call_id    bigint      NOT NULL,
    PRIMARY KEY (command_id, attempt, call_id)
);

-- Who holds an account, and whether it may be called: a paused one must not be until a probe succeeds; its commands wait and lose no attempt.
CREATE TABLE crm_account (
    account      text        PRIMARY KEY,
    silo         uuid,
    state        text        NOT NULL DEFAULT 'running',
    -- The class of the error that paused it.
    reason       text,
    changed_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT account_state_is_known CHECK (state IN ('running', 'paused')),
    CONSTRAINT paused_for_a_reason CHECK ((state = 'paused') = (reason IS NOT NULL))
);
