-- What each tier did, as counts: routing reads these few rows, never the whole history. `after`: a lower tier of the same
-- run had failed. `known_right` and `known_wrong` are attempts whose truth somebody told.
CREATE TABLE tallies (
    repo_root TEXT NOT NULL,
    kind TEXT NOT NULL,
    size TEXT NOT NULL,
    tier TEXT NOT NULL,
    after INTEGER NOT NULL,
    accepted INTEGER NOT NULL DEFAULT 0,
    deferred INTEGER NOT NULL DEFAULT 0,
    known_right INTEGER NOT NULL DEFAULT 0,
    known_wrong INTEGER NOT NULL DEFAULT 0,
    priced INTEGER NOT NULL DEFAULT 0,
    cost_usd TEXT NOT NULL DEFAULT '0',
    PRIMARY KEY (repo_root, kind, size, tier, after)
) WITHOUT ROWID;
-- `truth`: what became known of an accepted patch later: good, bad, reverted. Told by a person, or read off git.
ALTER TABLE runs ADD COLUMN size TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN truth TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN truth_source TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN explores INTEGER NOT NULL DEFAULT 0;
