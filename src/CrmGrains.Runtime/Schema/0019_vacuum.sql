-- Vacuum of the two tables in which every batch leaves dead rows: slowly. Some 20,000 pages a second are read at most, which is plenty for what a few
-- thousand events a second leave. While some session holds an old snapshot it finds nothing to remove and begins anew every ten seconds: reading
-- gigabytes each time in vain took a tenth of a core after ten minutes.
ALTER TABLE message SET (autovacuum_vacuum_cost_delay = 20, autovacuum_vacuum_cost_limit = 400);
ALTER TABLE grain SET (autovacuum_vacuum_cost_delay = 20, autovacuum_vacuum_cost_limit = 400);

-- A sample of states is taken no more: among the versions that an old snapshot keeps it found none that is alive, and the planner took the table for empty.
ALTER TABLE grain SET (autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 2000000000);

-- A new version of a state is a row of its own, on whatever page has room; none is kept for it beside the old one.
ALTER TABLE grain SET (fillfactor = 100);
