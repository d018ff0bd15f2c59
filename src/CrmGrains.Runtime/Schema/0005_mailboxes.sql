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

-- An effect is asked for once: the event and a hash of the key in one narrow index, which answers for «the commands of an event» too. The
-- key itself, a text of about 60 bytes in an index of its own, cost an index more and three times the bytes.
CREATE UNIQUE INDEX one_command_an_effect_of_an_event ON command (event_id, (md5(effect_key)::uuid)) WHERE event_id IS NOT NULL;
CREATE UNIQUE INDEX one_command_an_effect_of_a_turn ON command (workspace, effect_key) WHERE event_id IS NULL;
ALTER TABLE command DROP CONSTRAINT one_command_an_effect;
DROP INDEX command_by_event;
-- The few that a person may open again by their key.
CREATE INDEX command_refused ON command (workspace, effect_key) WHERE state = 'manual_review';

-- What the engine does goes from a few rows to an index, whatever the statistics say; sampling 30,000 wide rows for each tenth that a table
-- grew took a sixth of the server's time under load, and of what passes through a mailbox a sample tells nothing at all.
ALTER TABLE message SET (autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 2000000000);
DO $$
DECLARE
    grown record;
BEGIN
    FOR grown IN
        SELECT c.oid::regclass AS name, a.attname AS field FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.oid IN ('raw_event'::regclass, 'event'::regclass, 'ledger'::regclass, 'command'::regclass, 'grain'::regclass)
          AND a.attnum > 0 AND NOT a.attisdropped
    LOOP
        EXECUTE format('ALTER TABLE %s ALTER COLUMN %I SET STATISTICS 5', grown.name, grown.field);
        EXECUTE format('ALTER TABLE %s SET (autovacuum_analyze_scale_factor = 1)', grown.name);
    END LOOP;
END
$$;

-- A command's state is in the conditions of its indexes, so no update of it stays on its page, whatever room is left there.
ALTER TABLE command SET (fillfactor = 100);

-- A state's key is grain and version, so that a write goes straight to the row that it replaces, and to a place of its own in the index. With
-- the grain alone as key each write had to pass all versions before it that an old snapshot kept alive: 60 % of the speed after a minute.
ALTER TABLE grain DROP CONSTRAINT grain_pkey;
ALTER TABLE grain ADD PRIMARY KEY (partition, grain, version);

-- States are written over the versions that were read. Whoever holds the partition is the only one to write them, so they are there; if they
-- aren't, what was read is not what is stored, and the batch is to be run anew.
CREATE FUNCTION expect_states(written bigint, expected bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF written <> expected THEN
        RAISE EXCEPTION '% of % states are no longer what was read.', expected - written, expected USING ERRCODE = 'serialization_failure';
    END IF;
END
$$;
