-- The task's lane, how hard it was taken to be, by whom, and whether that was what it needed.
ALTER TABLE runs ADD COLUMN lane TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN classifier TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN level TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN level_obeyed INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN level_fit TEXT NOT NULL DEFAULT '';
CREATE INDEX runs_levelled ON runs (started_at) WHERE level <> '';
-- Few rows: what was deferred lately in a repository is asked by each route.
CREATE INDEX runs_deferred ON runs (repo_root, started_at) WHERE outcome = 'deferred';
