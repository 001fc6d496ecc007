"""What was asked, what it cost and what came of it, in SQLite. A broken ledger never changes an outcome."""
