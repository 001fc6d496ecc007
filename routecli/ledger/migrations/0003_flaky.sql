-- Tests that failed and passed on the same tree. `seen`: times looked at after a failure; `flipped`: of these, times it
-- passed; `steady`: looks since the last flip. What is steady, or has not flipped for long, counts again.
CREATE TABLE flaky_tests (
    repo_root TEXT NOT NULL,
    test_id TEXT NOT NULL,
    seen INTEGER NOT NULL,
    flipped INTEGER NOT NULL,
    steady INTEGER NOT NULL,
    flipped_at TEXT NOT NULL,
    PRIMARY KEY (repo_root, test_id)
) WITHOUT ROWID;
