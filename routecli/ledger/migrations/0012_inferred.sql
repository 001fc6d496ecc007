-- What git says of delivered patches, not a person: few rows, counted by `stats` and told by `--explain`.
CREATE INDEX runs_inferred ON runs (started_at, repo_root) WHERE truth_source = 'git';
