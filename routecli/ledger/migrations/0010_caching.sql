-- What prompt caching saved in a run, net of its writes: US dollars, NULL where no call of it is known.
ALTER TABLE runs ADD COLUMN caching_usd TEXT;
DROP INDEX runs_for_stats;
CREATE INDEX runs_for_stats ON runs
    (started_at, repo_root, outcome, truth, climbed, cost_usd, caching_usd, run_id);
DROP INDEX runs_by_place;
CREATE INDEX runs_by_place ON runs
    (kind, repo_root, first_tier, outcome, truth, climbed, started_at, cost_usd, caching_usd, baseline_cost_usd);
