-- What people have signed to go without them is the state of the grain workspace/policy; these are for the questions that lead to it.
-- Answers to proposals, by kind of action.
CREATE INDEX review_decided ON review (workspace, action, closed_at) WHERE action IS NOT NULL AND closed_at IS NOT NULL;
-- The few commands that were taken back, and those that came to a bad end.
CREATE INDEX command_reverted ON command (workspace, reverted_at) WHERE reverted_at IS NOT NULL;
CREATE INDEX command_failed ON command (workspace, ended_at) WHERE state IN ('manual_review', 'dead_lettered');
