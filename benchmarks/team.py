"""Eight writers at a real PostgreSQL whose connections are cut without end: rows lost and doubled.

    python benchmarks/team.py [RUNS]

Each writer records RUNS runs (60) of three calls; connections are reset, killed by the server and refused by turns.
What waited is delivered at the end, and every sum is held against what was written: a row that was lost or doubled ends
this with the sum that is wrong. Needs PostgreSQL and the extra `postgres`.
"""

from __future__ import annotations

import sys
import tempfile
import time
from importlib import util
from pathlib import Path

TESTS = Path(__file__).parents[1] / "tests"
sys.path.insert(0, str(TESTS))

import psycopg  # noqa: E402
from ledger import servers  # noqa: E402


def main() -> None:
    """Prints how much was written, cut and kept waiting."""
    spec = util.spec_from_file_location("test_spool", TESTS / "ledger" / "test_spool.py")
    assert spec is not None and spec.loader is not None
    spool = util.module_from_spec(spec)
    spec.loader.exec_module(spool)
    spool.RUNS = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    with tempfile.TemporaryDirectory() as name, servers.cluster(Path(name)) as home:

        def database() -> str:
            with psycopg.connect(f"postgresql:///postgres?host={home}&user=team", autocommit=True) as connection:
                connection.execute(b"CREATE DATABASE cut")
            return f"postgresql:///cut?host={home}&user=team"

        seen: dict[str, object] = {}
        begun = time.monotonic()
        spool.test_eight_writers_and_cut_connections(database, home, Path(name), seen.__setitem__)
        runs = spool.WRITERS * spool.RUNS
        print(f"{runs} runs, {runs * spool.CALLS} calls by {spool.WRITERS} writers in {time.monotonic() - begun:.0f} s")
        print(f"{seen['cuts']} times cut, {seen['waited']} transactions had to wait; 0 rows lost, 0 doubled")


if __name__ == "__main__":
    main()
