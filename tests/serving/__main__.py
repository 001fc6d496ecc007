"""`PYTHONPATH=tests python -m serving script.json [PORT]`: serves until interrupted.

The script is a JSON list of objects with the fields of Say, or of Fail where there is a `status`.
"""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path

from serving import Fail, Say, ScriptedServer


def main(argv: list[str]) -> int:
    if not argv:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    values = json.loads(Path(argv[0]).read_text())
    script = [Fail(**value) if "status" in value else Say(**value) for value in values]
    with ScriptedServer(script, port=int(argv[1]) if len(argv) > 1 else 0) as server:
        sys.stdout.write(f"{server.base_url}\n")
        sys.stdout.flush()
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
