-- `purpose`: empty for a try at the task. `confidence`: the writer's own, 1 to 10, where it gave one.
ALTER TABLE attempts ADD COLUMN purpose TEXT NOT NULL DEFAULT '';
ALTER TABLE attempts ADD COLUMN confidence INTEGER;

-- One row for each second opinion that was one. `about` is the number of the attempt that it speaks of, `final` whether
-- that attempt was the accepted one in the end. `truth` of that attempt's patch: right, wrong, or empty: not known.
CREATE TABLE opinions (
    run_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    asked_at TEXT NOT NULL,
    model TEXT NOT NULL,
    writer TEXT NOT NULL,
    about INTEGER NOT NULL,
    doubted INTEGER NOT NULL,
    final INTEGER NOT NULL,
    truth TEXT NOT NULL DEFAULT '',
    source TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (run_id, number)
);
CREATE INDEX opinions_by_model ON opinions (model);
