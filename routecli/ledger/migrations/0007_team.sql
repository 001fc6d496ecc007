-- `ref`: a name that no other row has, on any machine, so that what is sent twice is written once.
ALTER TABLE requests ADD COLUMN ref TEXT NOT NULL DEFAULT '';
UPDATE requests SET ref = run_id || '-' || id;
CREATE UNIQUE INDEX requests_by_ref ON requests (ref) WHERE ref <> '';
ALTER TABLE moves ADD COLUMN ref TEXT NOT NULL DEFAULT '';
UPDATE moves SET ref = run_id || '-' || id;
CREATE UNIQUE INDEX moves_by_ref ON moves (ref) WHERE ref <> '';
-- Who asked, for which team, on which machine. `forgotten`: its texts were taken out, its money was kept.
ALTER TABLE requests ADD COLUMN who TEXT NOT NULL DEFAULT '';
ALTER TABLE requests ADD COLUMN team TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN who TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN team TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN host TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN forgotten INTEGER NOT NULL DEFAULT 0;
CREATE INDEX runs_with_texts ON runs (started_at) WHERE forgotten = 0;
DROP INDEX attempts_by_model;
CREATE INDEX attempts_by_model ON attempts (model, judged_at);
-- What is left of runs that were pruned: sums by day (UTC), user and team.
CREATE TABLE days (
    day TEXT NOT NULL,
    who TEXT NOT NULL,
    team TEXT NOT NULL,
    runs INTEGER NOT NULL,
    judged INTEGER NOT NULL,
    accepted INTEGER NOT NULL,
    climbed INTEGER NOT NULL,
    good INTEGER NOT NULL,
    bad INTEGER NOT NULL,
    unpriced INTEGER NOT NULL,
    calls INTEGER NOT NULL,
    cost_usd TEXT NOT NULL,
    PRIMARY KEY (day, who, team)
) WITHOUT ROWID;
