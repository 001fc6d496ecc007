-- Money is text: exact decimals, never floats. Times are ISO 8601 in UTC, so that they sort as text.
CREATE TABLE runs (
    run_id TEXT PRIMARY KEY,
    started_at TEXT NOT NULL,
    finished_at TEXT,
    pid INTEGER NOT NULL,
    pid_started TEXT NOT NULL,
    instruction TEXT NOT NULL,
    repo_root TEXT NOT NULL DEFAULT '',
    kind TEXT NOT NULL DEFAULT '',
    policy TEXT NOT NULL DEFAULT '',
    first_tier TEXT NOT NULL DEFAULT '',
    outcome TEXT,
    why TEXT NOT NULL DEFAULT '',
    cost_usd TEXT,
    baseline_cost_usd TEXT,
    wall_s REAL,
    isolation TEXT NOT NULL DEFAULT '',
    written INTEGER NOT NULL DEFAULT 0,
    commit_id TEXT,
    receipt TEXT
);
CREATE INDEX runs_by_time ON runs (started_at);

-- One row a call. `reserved`: set aside, not sent yet. `sent`: under way, or its process died. `settled`: billed.
-- `failed`: never answered, and taken to be free.
CREATE TABLE requests (
    id INTEGER PRIMARY KEY,
    run_id TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('reserved', 'sent', 'settled', 'failed')),
    asked_at TEXT NOT NULL,
    settled_at TEXT,
    attempt INTEGER,
    repair INTEGER NOT NULL DEFAULT 0,
    tier TEXT NOT NULL DEFAULT '',
    model TEXT NOT NULL,
    model_served TEXT NOT NULL DEFAULT '',
    estimated_input_tokens INTEGER,
    reserved_usd TEXT,
    cost_usd TEXT,
    input_tokens INTEGER,
    cache_read_tokens INTEGER,
    cache_write_tokens INTEGER,
    output_tokens INTEGER,
    reasoning_tokens INTEGER,
    usage_source TEXT NOT NULL DEFAULT '',
    usage_raw TEXT NOT NULL DEFAULT '{}',
    latency_s REAL,
    stop TEXT NOT NULL DEFAULT '',
    request_id TEXT NOT NULL DEFAULT '',
    retries INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX requests_by_run ON requests (run_id);
CREATE INDEX requests_by_time ON requests (asked_at);
CREATE INDEX requests_by_model ON requests (model);

CREATE TABLE attempts (
    run_id TEXT NOT NULL,
    place INTEGER NOT NULL,
    judged_at TEXT NOT NULL,
    number INTEGER NOT NULL,
    tier TEXT NOT NULL,
    model TEXT NOT NULL,
    edit_format TEXT NOT NULL,
    repair INTEGER NOT NULL,
    verdict TEXT NOT NULL,
    reason TEXT NOT NULL DEFAULT '',
    cost_usd TEXT,
    wall_s REAL NOT NULL,
    PRIMARY KEY (run_id, place)
);
CREATE INDEX attempts_by_model ON attempts (model);
