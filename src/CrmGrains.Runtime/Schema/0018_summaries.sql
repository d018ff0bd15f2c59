-- Vacuum sums up what commands were made when: asked for by each insert that fills a range, it was asked in vain while vacuum was busy, and said so.
ALTER INDEX command_by_time SET (autosummarize = off);
