"""The floor: the least that a program of this shape can cost. Standard library only, one request, one edit, the tests.

    python benchmarks/floor.py BASE_URL TASK FILE

No command-line library, no SDK, no sandbox, no ledger, no prices, nothing checked: what is above it is what routecli
adds. Prints how many seconds the tests took. Not a tool to use.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

BLOCK = re.compile(r"<<<<<<< SEARCH\n(.*?)=======\n(.*?)>>>>>>> REPLACE", re.DOTALL)


def main() -> int:
    base_url, task, name = sys.argv[1:]
    file = Path(name)
    before = file.read_text()
    body = {"model": "scripted", "messages": [{"role": "user", "content": f"{task}\n\n{name}\n{before}"}]}
    request = urllib.request.Request(
        f"{base_url}/chat/completions", json.dumps(body).encode(), {"content-type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:
        text = json.load(answer)["choices"][0]["message"]["content"]
    found = BLOCK.search(text)
    if found is None:
        return 1
    file.write_text(before.replace(found[1], found[2]))
    began = time.perf_counter()
    done = subprocess.run([sys.executable, "-m", "pytest", "-q"], check=False, stdout=subprocess.DEVNULL)
    sys.stdout.write(f"{time.perf_counter() - began}\n")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
