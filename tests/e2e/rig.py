"""A repository with a bug, three tiers at a scripted server, and the real command line in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from repositories import Repo, make_repo
from serving import Received, Say, ScriptedServer

KEY = "sk-canary-5f2b91c7d3"
PRICES = {"m1": ("0.5", "1.5"), "m2": ("3", "12"), "m3": ("15", "75")}
FILES = {
    "calc.py": 'def add(a, b):\n    """The sum."""\n    return a - b\n',
    "other.py": "VALUE = 1\n",
    "test_calc.py": (
        "import unittest\n\nfrom calc import add\n\n\nclass AddTest(unittest.TestCase):\n"
        "    def test_add(self):\n        self.assertEqual(add(2, 3), 5)\n\n"
        "    def test_zero(self):\n        self.assertEqual(add(0, 0), 0)\n"
    ),
}
TASK = "fix add: it subtracts"


def block(after: str, before: str = "    return a - b", path: str = "calc.py") -> str:
    """A reply with one SEARCH/REPLACE block."""
    return f"Here it is.\n\n{path}\n```python\n<<<<<<< SEARCH\n{before}\n=======\n{after}\n>>>>>>> REPLACE\n```\n"


RIGHT = block("    return a + b")
WRONG = block("    return a * b")


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    status: int
    out: str
    err: str

    @property
    def receipt(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.out)
        return found

    def refused_well(self) -> bool:
        """One `error:` line, a hint, no trace."""
        return self.err.count("error: ") == 1 and "\nhint: " in self.err and "Traceback" not in self.err + self.out


@dataclass
class Rig:
    """`run` runs routecli in the repository, everything of its own below `home`."""

    home: Path
    repo: Repo
    server: ScriptedServer | None = None
    api: str = "openai"
    dialect: str = "search_replace"  # of all three tiers; before `serve`
    env: dict[str, str] = field(default_factory=dict)

    @classmethod
    def make(cls, home: Path, files: dict[str, str] | None = None) -> Rig:
        return cls(home, make_repo(home / "repo", files or FILES))

    def serve(self, server: ScriptedServer, api: str = "openai", more: str = "") -> None:
        """Three tiers at `server`."""
        url = server.base_url if api == "openai" else server.anthropic_url
        self.configure(url, api, more)
        self.server, self.api = server, api

    def configure(self, url: str, api: str = "openai", more: str = "") -> None:
        lines = ["[providers.mine]", f'api = "{api}"', f'base_url = "{url}"', 'api_key_env = "RIG_KEY"']
        for place, (model, (read, write)) in enumerate(PRICES.items(), 1):
            lines += [
                "[[tiers]]",
                f'name = "tier{place}"',
                f'models = ["mine/{model}"]',
                f'edit_format = "{self.dialect}"',
            ]
            lines += [f'[prices."mine/{model}"]', f"input_usd_per_mtok = {read}", f"output_usd_per_mtok = {write}"]
        (self.home / "config.toml").write_text("\n".join(lines) + f"\n{more}\n")

    def environment(self) -> dict[str, str]:
        base = {"PATH": os.environ["PATH"], "HOME": str(self.home), "LANG": "C.UTF-8", "RIG_KEY": KEY, "TERM": "dumb"}
        places = {
            "ROUTECLI_CONFIG": str(self.home / "config.toml"),
            "ROUTECLI_STATE_DIR": str(self.home / "state"),
            "ROUTECLI_CACHE_DIR": str(self.home / "cache"),
        }
        if not (self.home / "config.toml").exists():
            del places["ROUTECLI_CONFIG"]
        return base | places | self.env

    def start(self, *args: str, cwd: Path | None = None, **more: Any) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "routecli", *args], cwd=cwd or self.repo.root, env=self.environment(), text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=more.pop("stdin", subprocess.DEVNULL), **more,
        )  # fmt: skip

    def run(self, *args: str, cwd: Path | None = None, said: str | None = None) -> Done:
        with self.start(*args, cwd=cwd, stdin=subprocess.PIPE if said is not None else subprocess.DEVNULL) as child:
            out, err = child.communicate(said, timeout=120)
        return Done(child.returncode, out, err)

    def do(self, *args: str) -> Done:
        """`run TASK calc.py --json`."""
        return self.run("run", TASK, "calc.py", "--json", *args)

    def code(self) -> str:
        return (self.repo.root / "calc.py").read_text()


def bill(posts: list[Received], says: list[Say]) -> Decimal:
    """What the server would ask for, at the rig's prices."""
    total = Decimal(0)
    for post, say in zip(posts, says, strict=True):
        read, write = (Decimal(p) for p in PRICES[post.model])
        total += (say.input_tokens * read + say.billed_output_tokens * write) / 1_000_000
    return total
