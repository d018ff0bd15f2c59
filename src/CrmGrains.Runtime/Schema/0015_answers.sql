-- Answering reviews: lists in the order of their urgency, what falls due, and what becomes old.
CREATE INDEX review_open_by_priority ON review
    ((CASE priority WHEN 'urgent' THEN 0 WHEN 'high' THEN 1 WHEN 'normal' THEN 2 ELSE 3 END), (coalesce(due_at, 'infinity'::timestamptz)), opened_at, id)
    WHERE closed_at IS NULL;
CREATE INDEX review_open_by_age ON review (opened_at, id) WHERE closed_at IS NULL;
CREATE INDEX review_overdue ON review (due_at) WHERE closed_at IS NULL AND due_at IS NOT NULL;
CREATE INDEX review_snoozed ON review (snoozed_until) WHERE closed_at IS NULL AND snoozed_until IS NOT NULL;

-- When what the item, its proposal and its steps hold of a person was removed.
ALTER TABLE review ADD COLUMN purged_at timestamptz;
CREATE INDEX review_not_purged ON review (workspace, closed_at, id) WHERE closed_at IS NOT NULL AND purged_at IS NULL;

-- The version that the step made, so that whoever answers an older one is told what happened since, and a repeat is known for one. Null: none.
ALTER TABLE review_step ADD COLUMN version int;
