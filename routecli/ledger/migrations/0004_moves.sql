-- Why another request was sent: retry, failover, escalation or reroute (domain/receipt.py, MoveKind).
CREATE TABLE moves (
    id INTEGER PRIMARY KEY,
    run_id TEXT NOT NULL,
    moved_at TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('retry', 'failover', 'escalation', 'reroute')),
    attempt INTEGER NOT NULL,
    source TEXT NOT NULL,
    target TEXT NOT NULL,
    because TEXT NOT NULL DEFAULT '',
    why TEXT NOT NULL DEFAULT ''
);
CREATE INDEX moves_by_run ON moves (run_id);
-- Models (`provider/model`) that gave no answer, for all processes: not asked first before `until`. `times` counts such
-- faults in a row. One row a model.
CREATE TABLE cooldowns (
    model TEXT PRIMARY KEY,
    until TEXT NOT NULL,
    kind TEXT NOT NULL,
    times INTEGER NOT NULL
) WITHOUT ROWID;
ALTER TABLE requests ADD COLUMN first_token_s REAL;
