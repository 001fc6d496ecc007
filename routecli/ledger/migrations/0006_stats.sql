-- What `stats` counts, beside the receipts that it need not read: a hundred thousand runs are summed within the time of
-- a keystroke. The index of calls by time is a part of the new one.
CREATE INDEX runs_for_stats ON runs
    (started_at, repo_root, kind, first_tier, outcome, truth, cost_usd, baseline_cost_usd, wall_s, run_id);
DROP INDEX requests_by_time;
CREATE INDEX requests_for_stats ON requests
    (asked_at, tier, model, state, cost_usd, reserved_usd, input_tokens, cache_read_tokens, output_tokens, run_id);
CREATE INDEX attempts_for_stats ON attempts (run_id, tier, verdict, model, repair);
