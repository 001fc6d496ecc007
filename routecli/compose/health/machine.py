"""What the machine offers: the programs and packages of a run, and isolation."""

from __future__ import annotations

import os
import platform
import re
from importlib import metadata
from pathlib import Path

from routecli import __version__
from routecli.config.places import cache_place, state_place
from routecli.domain.condition import Condition, State
from routecli.domain.receipt import Isolation
from routecli.domain.settings import SandboxSettings
from routecli.domain.untrusted import one_line
from routecli.errors import SandboxFault, UsageFault
from routecli.git.command import git
from routecli.ledger.inspection import SQLITE_VERSION
from routecli.workspace.probing import probe, try_out

PACKAGES = ("openai", "anthropic", "genai-prices", "tiktoken", "GitPython", "ruff")
"""Those whose version matters when something is reported."""
GIT_AT_LEAST = (2, 38)
"""`safe.bareRepository`, which every command sets, is of this release."""


def check_versions() -> Condition:
    """This program, its Python and the packages that it rests on."""
    found, missing = [], []
    for name in PACKAGES:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            missing.append(name)
    text = f"routecli {__version__}, Python {platform.python_version()}, SQLite {SQLITE_VERSION}"
    text += f", {', '.join(found)}"
    if missing:
        fix = "pip install --force-reinstall routecli"
        return Condition("versions", State.FAIL, f"{text}; not installed: {', '.join(missing)}", fix)
    return Condition("versions", State.OK, text)


def check_git() -> Condition:
    """git's version, and the repository around the current folder."""
    try:
        said = git(Path.cwd(), "version").stdout.decode("utf-8", "replace").strip()
        found = git(Path.cwd(), "rev-parse", "--show-toplevel")
    except UsageFault as fault:
        return Condition("git", State.FAIL, fault.what, fault.hint)
    except OSError as fault:
        return Condition("git", State.FAIL, f"the current folder cannot be used: {fault.strerror}", "cd")
    numbers = re.search(r"(\d+)\.(\d+)", said)
    if numbers is None or (int(numbers[1]), int(numbers[2])) < GIT_AT_LEAST:
        wanted = ".".join(map(str, GIT_AT_LEAST))
        return Condition("git", State.FAIL, f"{one_line(said)}: {wanted} or later is needed", "apt-get install git")
    if found.exit_code != 0:
        return Condition("git", State.WARN, f"{one_line(said)}; no repository around this folder", "git init")
    return Condition("git", State.OK, f"{one_line(said)}; repository {one_line(os.fsdecode(found.stdout))}")


def check_sandbox(settings: SandboxSettings) -> Condition:
    """The level of isolation that a run would have; its self-test is run now, whatever is remembered of it."""
    try:
        level = probe(settings)
    except SandboxFault as fault:
        return Condition("sandbox", State.FAIL, fault.what, fault.hint)
    if level.isolation is Isolation.NONE:
        return Condition("sandbox", State.WARN, level.note, "take out sandbox.unsafe_no_sandbox")
    open_network = settings.network == "host"
    reason = try_out(level, network=open_network)
    if reason:
        fix = "apt-get install bubblewrap (or allow user namespaces)"
        return Condition("sandbox", State.FAIL, f"{level.isolation.value} fails its self-test: {reason}", fix)
    if open_network:
        text = f"{level.isolation.value}, self-test passed; but commands reach the network (sandbox.network)"
        return Condition("sandbox", State.WARN, text, 'sandbox.network = "none" in your configuration')
    passed = f"{level.isolation.value}, self-test passed"
    return Condition("sandbox", State.OK, f"{passed}; {level.note}" if level.note else passed)


def check_folders() -> Condition:
    """The folders of our own. Without them a run works and remembers less."""
    places = {"state": state_place(os.environ), "cache": cache_place(os.environ)}
    bad = [place.warning.text for place in places.values() if place.warning is not None]
    if bad:
        return Condition("folders", State.WARN, one_line("; ".join(bad), limit=500), "export ROUTECLI_STATE_DIR=…")
    return Condition("folders", State.OK, ", ".join(f"{name} {place.path}" for name, place in places.items()))
