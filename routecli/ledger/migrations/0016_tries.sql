-- A test of the task, an opinion or a level is no try at it: sums of tiers leave them out, and so does whether a run
-- needed more than one.
DROP INDEX attempts_for_stats;
CREATE INDEX attempts_for_stats ON attempts (tier, model, run_id, verdict, repair, judged_at, purpose) WHERE purpose = '';
UPDATE runs SET climbed = 0
WHERE climbed = 1 AND EXISTS (SELECT 1 FROM attempts WHERE attempts.run_id = runs.run_id AND purpose <> '')
    AND NOT (SELECT min(tier) <> max(tier) FROM attempts WHERE attempts.run_id = runs.run_id AND purpose = '');
