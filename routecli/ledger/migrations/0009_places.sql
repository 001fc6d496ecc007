-- Whether a run needed more than one tier stands beside it, and the sums of `stats` read indexes in the very order in
-- which they group: nothing is sorted, and no run's attempts are looked up.
ALTER TABLE runs ADD COLUMN climbed INTEGER NOT NULL DEFAULT 0;
UPDATE runs SET climbed = 1
WHERE run_id IN (SELECT run_id FROM attempts GROUP BY run_id HAVING min(tier) <> max(tier));
DROP INDEX runs_for_stats;
CREATE INDEX runs_for_stats ON runs
    (started_at, repo_root, outcome, truth, climbed, cost_usd, run_id);
CREATE INDEX runs_by_place ON runs
    (kind, repo_root, first_tier, outcome, truth, climbed, started_at, cost_usd, baseline_cost_usd);
DROP INDEX attempts_for_stats;
CREATE INDEX attempts_for_stats ON attempts (tier, model, run_id, verdict, repair, judged_at);
CREATE INDEX requests_by_tier ON requests
    (tier, model, state, asked_at, cost_usd, reserved_usd, input_tokens, cache_read_tokens, output_tokens, run_id);
