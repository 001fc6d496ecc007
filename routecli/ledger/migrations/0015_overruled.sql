-- Where a person did otherwise than the router or the verdict: named a tier, asked again one tier up, or had a patch
-- written that nothing verified. Behind the receipt such a column is slow to read: `stats` and `alerts` read the index.
ALTER TABLE runs ADD COLUMN overruled TEXT NOT NULL DEFAULT '';
UPDATE runs SET overruled = 'tier' WHERE policy = 'asked';
CREATE INDEX runs_overruled ON runs (started_at, repo_root, overruled, run_id) WHERE outcome IS NOT NULL;
-- How strong the acceptances of a tally were: what the verdict is worth for such tasks is told from them.
ALTER TABLE tallies ADD COLUMN weak INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tallies ADD COLUMN tested INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tallies ADD COLUMN proven INTEGER NOT NULL DEFAULT 0;
