"""What is handed out: wheel and sdist, the action's steps, the site of the pages."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tarfile
import threading
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

from routecli import __version__

ROOT = Path(__file__).parents[2]


def copied(to: Path, mtime: int) -> Path:
    """The checkout's own files in another folder, of another time."""
    words = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    listed = subprocess.run(words, cwd=ROOT, check=True, capture_output=True).stdout.decode().split("\0")
    for name in filter(None, listed):
        if name.startswith("tests/") or not (ROOT / name).is_file():
            continue
        place = to / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes((ROOT / name).read_bytes())
        os.utime(place, (mtime, mtime))
    return to


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Wheel and sdist, built twice, at different times in different folders."""
    folders = []
    for number, mtime in enumerate((1_000_000_000, 1_700_000_000)):
        source = copied(tmp_path_factory.mktemp(f"source{number}"), mtime)
        out = tmp_path_factory.mktemp(f"out{number}")
        words = (sys.executable, "-m", "hatchling", "build", "-d", str(out))
        subprocess.run(words, cwd=source, check=True, capture_output=True, umask=(0o022, 0o077)[number])
        folders.append(out)
    return folders


def test_wheel_and_sdist_are_the_same_bytes_whoever_builds_them(built: list[Path]) -> None:
    one, other = ({p.name: p.read_bytes() for p in folder.iterdir()} for folder in built)
    assert sorted(one) == [f"routecli-{__version__}-py3-none-any.whl", f"routecli-{__version__}.tar.gz"]
    assert one == other


def test_the_wheel_holds_what_runs_and_nothing_else(built: list[Path]) -> None:
    names = zipfile.ZipFile(next(built[0].glob("*.whl"))).namelist()
    shared = f"routecli-{__version__}.data/data/share/"
    needed = {
        "routecli/py.typed", "routecli/config/presets/openrouter.toml", "routecli/data/o200k_base.z",
        "routecli/verification/inside/plugin_routecli.py", "routecli/verification/inside/runner_rspec.rb",
        "routecli/verification/inside/record_routecli.rb", "routecli/verification/inside/build_java.sh",
        f"{shared}man/man1/routecli.1",
        f"{shared}bash-completion/completions/routecli", f"{shared}zsh/site-functions/_routecli",
        f"{shared}fish/vendor_completions.d/routecli.fish",
    }  # fmt: skip
    assert needed - set(names) == set()
    tracked = {p.relative_to(ROOT).as_posix() for p in (ROOT / "routecli").rglob("*") if p.is_file()}
    assert {n for n in tracked if "__pycache__" not in n} - set(names) == set()
    assert [n for n in names if not n.startswith(("routecli/", f"routecli-{__version__}."))] == []


def test_the_sdist_makes_the_same_wheel(built: list[Path], tmp_path: Path) -> None:
    with tarfile.open(next(built[0].glob("*.tar.gz"))) as archive:
        archive.extractall(tmp_path, filter="data")
    source = tmp_path / f"routecli-{__version__}"
    words = (sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "out"))
    subprocess.run(words, cwd=source, check=True, capture_output=True)
    assert next((tmp_path / "out").iterdir()).read_bytes() == next(built[0].glob("*.whl")).read_bytes()


def test_an_installed_wheel_runs(built: list[Path], tmp_path: Path) -> None:
    wheel = str(next(built[0].glob("*.whl")))
    words = (sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target", str(tmp_path), wheel)
    subprocess.run(words, check=True, capture_output=True)
    code = "import routecli; from routecli.cli.app import run; run(['models', '--json']); print(routecli.__file__)"
    env = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=env, check=True, capture_output=True, text=True
    )
    *said, where = done.stdout.strip().splitlines()
    assert where.startswith(str(tmp_path))
    assert json.loads("\n".join(said))


def test_a_folder_that_is_served_is_an_index(built: list[Path], tmp_path: Path) -> None:
    """As the steps of a release say, before anything is uploaded."""
    folder = tmp_path / "index" / "simple" / "routecli"
    folder.mkdir(parents=True)
    for file in built[0].iterdir():
        (folder / file.name).write_bytes(file.read_bytes())

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path / "index"))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        index = f"http://127.0.0.1:{server.server_address[1]}/simple"
        words = (
            "-m",
            "pip",
            "download",
            "-q",
            "--no-deps",
            "--isolated",
            "--index-url",
            index,
            "-d",
            str(tmp_path / "got"),
        )
        asked = (sys.executable, *words, f"routecli=={__version__}")
        done = subprocess.run(asked, check=False, capture_output=True, text=True)
        server.shutdown()
    assert done.returncode == 0, done.stderr
    (got,) = (tmp_path / "got").iterdir()
    assert got.read_bytes() == (folder / got.name).read_bytes()


def test_the_manual_page_is_roff_that_names_every_command() -> None:
    from routecli.cli.tree import command_tree, flat

    page = (ROOT / "completions/routecli.1").read_text("utf-8")
    requests = {line.split(" ")[0] for line in page.splitlines() if line.startswith(".")}
    assert requests <= {'.\\"', ".TH", ".SH", ".SS", ".TP", ".B", ".I", ".PP", ".nf", ".fi", ".br"}
    assert not re.search(r"\\(?![e&-])", page.split("\n", 1)[1])
    for node in list(flat(command_tree()))[1:]:
        assert f".SS routecli {node.words}".replace("-", "\\-") in page


ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))


def step(name: str) -> dict[str, object]:
    found: dict[str, object] = next(s for s in ACTION["runs"]["steps"] if s["name"] == name)
    return found


def test_the_action_reads_each_input_and_puts_none_into_a_command() -> None:
    text = (ROOT / "action.yml").read_text("utf-8")
    assert set(re.findall(r"\$\{\{ inputs\.(\w+) \}\}", text)) == set(ACTION["inputs"])
    for one in ACTION["runs"]["steps"]:
        assert "${{" not in str(one.get("run", "")), "text of an issue would be run as a command"


HOSTILE = '"; touch pwned; echo "$(touch pwned)`touch pwned`'


def test_the_action_keeps_the_verified_patch_and_changes_nothing(tmp_path: Path) -> None:
    repository, temp = tmp_path / "repository", tmp_path / "temp"
    temp.mkdir()
    repository.mkdir()
    (repository / "a.py").write_text("import sys\nimport os\n\nprint(os, sys)\n")
    author = ("-c", "user.name=t", "-c", "user.email=t@t")
    for git in (("init", "-q", "."), ("add", "-A"), ("commit", "-qm", "begin")):
        subprocess.run(["git", *author, *git], cwd=repository, check=True, capture_output=True)
    env = {n: v for n, v in os.environ.items() if not n.startswith("ROUTECLI_")}
    env |= {"PATH": f"{Path(sys.executable).parent}:{env['PATH']}", "RUNNER_TEMP": str(temp)}
    env |= {"TASK": f"sort the imports {HOSTILE}", "TASK_PATHS": "a.py\n\n", "BUDGET": "0", "OPTIONS": "--no-tests\n"}
    env |= {n: str(temp / n) for n in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    words = ["bash", "-c", str(step("Run")["run"])]
    done = subprocess.run(words, cwd=repository, env=env, check=False, capture_output=True, text=True, timeout=120)
    outputs = dict(line.split("=", 1) for line in (temp / "GITHUB_OUTPUT").read_text().splitlines())
    assert outputs["status"] == str(done.returncode) == "0", done.stderr
    assert "+import os" in Path(outputs["patch"]).read_text()
    clean = subprocess.run(["git", "status", "--porcelain"], cwd=repository, check=True, capture_output=True, text=True)
    assert clean.stdout == ""
    assert "a.py" in (temp / "GITHUB_STEP_SUMMARY").read_text()


def test_the_site_is_built_without_a_warning(tmp_path: Path) -> None:
    words = (sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "-d", str(tmp_path))
    env = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(words, cwd=ROOT, env=env, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    pages = {p.name for p in tmp_path.glob("*.html")}
    assert {f"{p.stem}.html" for p in (ROOT / "docs").glob("*.md")} <= pages
    outside = re.findall(r'<(?:script|link)[^>]*(?:src|href)="(https?://[^"]+)"', (tmp_path / "index.html").read_text())
    assert outside == []
