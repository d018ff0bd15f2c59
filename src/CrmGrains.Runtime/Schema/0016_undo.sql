-- What a write found and what it left, as JSON: kept on the receipt so that it can be taken back, and purged with what it wanted to write.
ALTER TABLE command
    ADD COLUMN before_image text,
    ADD COLUMN after_image  text,
    ADD COLUMN reverted_at  timestamptz,
    ADD CONSTRAINT images_come_in_pairs CHECK ((before_image IS NULL) = (after_image IS NULL));
-- Commands of a time: a summary of each range of pages instead of an entry for each row, which every command would have to pay for.
CREATE INDEX command_by_time ON command USING brin (created_at) WITH (pages_per_range = 64, autosummarize = on);

-- A wish to take commands back: a plan that a person approves.
CREATE TABLE undo (
    id           uuid        PRIMARY KEY,
    workspace    text        NOT NULL,
    -- Which commands are meant, as JSON.
    asked        text        NOT NULL,
    -- planned, approved, rejected.
    state        text        NOT NULL DEFAULT 'planned',
    -- Whether there are more commands than one plan holds.
    has_more     boolean     NOT NULL,
    requested_by text        NOT NULL,
    requested_at timestamptz NOT NULL DEFAULT now(),
    answered_by  text,
    answered_at  timestamptz,
    CONSTRAINT undo_state_is_known CHECK (state IN ('planned', 'approved', 'rejected')),
    CONSTRAINT answered_by_somebody CHECK ((state = 'planned') = (answered_by IS NULL) AND (answered_by IS NULL) = (answered_at IS NULL))
);

-- Its steps, the newest command first; no customer's data.
CREATE TABLE undo_step (
    undo_id    uuid   NOT NULL REFERENCES undo (id) ON DELETE CASCADE,
    number     int    NOT NULL,
    command_id bigint NOT NULL,
    class      text   NOT NULL,
    reason     text   NOT NULL,
    fields     text[] NOT NULL,
    PRIMARY KEY (undo_id, number),
    CONSTRAINT conflict_class_is_known CHECK (class IN ('untouched_since', 'changed_since', 'not_reversible', 'undone_already', 'in_flight'))
);
