-- Review items that people answer: what is proposed, how urgent it is, who has it, and what was said.
ALTER TABLE review
    -- Counts the changes, from 1: whoever answers names the one that they saw, so that of two people at once one wins.
    ADD COLUMN version       int         NOT NULL DEFAULT 1,
    -- The proposal as JSON; null where the item asks for something else than an approval.
    ADD COLUMN proposal      text,
    -- Counts how often the same question was put.
    ADD COLUMN round         int         NOT NULL DEFAULT 1,
    -- The kind of action, its tier; for lists and for what is learned from answers.
    ADD COLUMN action        text,
    ADD COLUMN tier          text,
    ADD COLUMN priority      text        NOT NULL DEFAULT 'normal',
    ADD COLUMN due_at        timestamptz,
    ADD COLUMN expires_at    timestamptz,
    ADD COLUMN snoozed_until timestamptz,
    ADD COLUMN assignee      text,
    -- What is waited for: a question that was put back to somebody.
    ADD COLUMN asked         text,
    -- The first of two people who must approve.
    ADD COLUMN approved_by   text,
    ADD COLUMN approved_at   timestamptz,
    ADD COLUMN answer        text,
    ADD COLUMN answered_by   text,
    ADD COLUMN answer_reason text,
    -- What the person wanted done instead, as JSON.
    ADD COLUMN instead       text,
    ADD CONSTRAINT review_priority_is_known CHECK (priority IN ('low', 'normal', 'high', 'urgent')),
    ADD CONSTRAINT review_tier_is_known CHECK (tier IN ('low', 'medium', 'high', 'critical')),
    ADD CONSTRAINT review_answer_is_known CHECK (answer IN ('approved', 'edited', 'rejected', 'expired', 'resolved')),
    ADD CONSTRAINT answered_items_are_closed CHECK (answer IS NULL OR closed_at IS NOT NULL),
    ADD CONSTRAINT rounds_count_from_one CHECK (round >= 1);
CREATE INDEX review_expiring ON review (expires_at) WHERE closed_at IS NULL AND expires_at IS NOT NULL;

-- What happened to an item, in order: who did what, and what they wrote.
CREATE TABLE review_step (
    id        bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    review_id uuid        NOT NULL REFERENCES review (id) ON DELETE CASCADE,
    at        timestamptz NOT NULL DEFAULT now(),
    -- The name of the API key; empty where the system did it.
    by        text        NOT NULL,
    -- assigned, asked, replied, snoozed, escalated, approved, edited, rejected, expired, resolved, moved
    step      text        NOT NULL,
    text      text
);
CREATE INDEX review_step_by_review ON review_step (review_id, id);
