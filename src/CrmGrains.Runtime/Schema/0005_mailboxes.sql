-- Who ran a partition last and how far its chain goes is what its last ledger entry says, so a batch writes no partition row any more:
-- silo, served_at, head_position, head_hash and mark are notes, taken when a partition changes hands and every other second. Rows that are
-- updated with every batch leave dead versions behind, and while some session holds an old snapshot nothing removes them.
--
-- A silo of the version before goes by the row alone. The new names keep it from claiming: it rests until it is replaced, and its
-- gateway goes on, since the queues of sources that are known keep their numbers. candidate and candidate_xmax are read by it only.
ALTER TABLE partition DROP CONSTRAINT partition_kind_is_known;
ALTER TABLE partition DROP CONSTRAINT intake_has_a_source;
UPDATE partition SET kind = CASE kind WHEN 'grains' THEN 'mailbox' ELSE 'intake_queue' END;
ALTER TABLE partition ADD CONSTRAINT partition_kind_is_known CHECK (kind IN ('mailbox', 'intake_queue'));
ALTER TABLE partition ADD CONSTRAINT intake_has_a_source CHECK ((kind = 'intake_queue') = (workspace IS NOT NULL AND source IS NOT NULL));
