-- Pruned days are moved between ledgers, and moved again: `source` is the ledger that they came from, empty: this one.
DROP TABLE days;
CREATE TABLE days (
    day TEXT NOT NULL,
    who TEXT NOT NULL,
    team TEXT NOT NULL,
    source TEXT NOT NULL,
    runs INTEGER NOT NULL,
    judged INTEGER NOT NULL,
    accepted INTEGER NOT NULL,
    climbed INTEGER NOT NULL,
    good INTEGER NOT NULL,
    bad INTEGER NOT NULL,
    unpriced INTEGER NOT NULL,
    calls INTEGER NOT NULL,
    cost_usd TEXT NOT NULL,
    PRIMARY KEY (day, who, team, source)
) WITHOUT ROWID;
