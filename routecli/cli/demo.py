"""`routecli demo`: the whole way on a repository made on the spot, with recorded replies over real HTTP."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from routecli.cli.verb import shared, verb_app
from routecli.errors import SandboxFault, UsageFault

if TYPE_CHECKING:
    from routecli.domain.receipt import Isolation

app = verb_app()
TASK = "Fix the rounding in invoice totals: half a cent rounds up."
FILE = "invoice/totals.py"


@app.command(
    epilog="""
    routecli demo
    routecli demo ./sandbox-repository
    """
)
def demo(
    ctx: typer.Context,
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="[DIR]", help="Make the repository here and leave it there.", show_default=False),
    ] = None,
) -> int:
    """See it work: a throw-away repository, recorded replies, no key.

    The replies are recorded, everything else is real: HTTP, SDK, prices, sandbox, tests.
    """
    from routecli.cli.manner import Manner
    from routecli.cli.ordering import make_order
    from routecli.cli.running import carry_out
    from routecli.cli.screen import QUIET, STRONG, say, shown, side_console
    from routecli.config.load import load
    from routecli.providers.replay_server import serving

    options = shared(ctx)
    side = side_console(no_color=options.no_color)
    recorded = as_file(files("routecli") / "data/demo")
    with tempfile.TemporaryDirectory(prefix="routecli-demo-") as scratch, recorded as data:
        root = _repository(data / "repository", folder or Path(scratch) / "invoice")
        with serving(data / "replies.toml") as server, _inside(root):
            config = Path(scratch) / "config.toml"
            text = (data / "config.toml").read_text().replace("@BASE_URL@", server.base_url)
            config.write_text(f'ledger = "{Path(scratch) / "ledger.db"}"\n{text}')
            if not options.quiet:
                say(side, shown("A demonstration: the replies are recorded; nobody is called or paid.", STRONG))
                say(side, shown(f'$ routecli run "{TASK}" {FILE}', QUIET))
            loaded = load(repo_root=root, flags={}, environ={"PATH": os.environ.get("PATH", "")}, config_file=config)
            manner = Manner(
                quiet=options.quiet, verbose=options.verbose, no_color=options.no_color, isolation=_isolation()
            )
            status = carry_out(ctx, make_order(TASK, [FILE], None, None, None, None), loaded, manner)
        if not options.quiet:
            kept = f"The repository is in {folder}." if folder else "The repository was thrown away."
            say(side, shown(f"Recorded replies, real prices, real tests. {kept}", QUIET))
    return status


def _isolation() -> Isolation | None:
    """None: the probe decides. Repository and replies are our own, so that a machine without isolation will do."""
    from routecli.domain.receipt import Isolation
    from routecli.domain.settings import SandboxSettings
    from routecli.workspace.probing import probe

    try:
        probe(SandboxSettings())
    except SandboxFault:
        return Isolation.NONE
    return None


def _repository(source: Path, root: Path) -> Path:
    """A git repository with the demo's files and one commit. Raises UsageFault where `root` is taken."""
    from routecli.git.command import git_ok

    if root.is_symlink() or (root.exists() and (not root.is_dir() or any(root.iterdir()))):
        raise UsageFault(f"{root} is there already and not empty", hint="routecli demo ANOTHER_DIR")
    try:
        shutil.copytree(source, root, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    except OSError as fault:
        raise UsageFault(f"{root} cannot be made: {fault.strerror}", hint="routecli demo") from None
    git_ok(root, "init", "--quiet", "--template=", config=("init.defaultBranch=main",))
    git_ok(root, "add", "--all")
    who = ("user.name=routecli demo", "user.email=demo@localhost", "commit.gpgSign=false")
    git_ok(root, "commit", "--quiet", "--message", "Invoices", config=who)
    return root.resolve()


@contextmanager
def _inside(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
