"""What no reply may touch, and what none may touch without a yes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from repositories import Repo, make_repo

from routecli.domain.patch import FileEdit, Patch
from routecli.workspace.policy import MAX_FILES, Severity, violations, why_not_a_path
from routecli.workspace.protected import why_protected
from routecli.workspace.trees import changes_by
from workspace.conftest import edits, snap

ESCAPES = [
    "../out", "a/../../out", "/etc/passwd", "./a", "a//b", "a/", "", "a/./b", "..", "nul\0byte",
    ".git/config", ".git/hooks/pre-commit", ".GIT/config", ".Git/x", "sub/.git/config", ".git", "git~1/config",
    "GIT~1/x", ".git./x", ".git /x", ".git::$INDEX_ALLOCATION/x", ".g\u200cit/config", "a\\..\\..\\x", ".git\\config",
    "sub/.git ", "x" * 256, "d/" * 600 + "f",
]  # fmt: skip


@pytest.mark.parametrize("path", ESCAPES)
def test_row_01_no_path_out_of_the_repository_or_into_git(path: str, tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "r", {"a": "1"})
    for edit in (FileEdit(path, None, b"x"), FileEdit(path, b"x", b"y"), FileEdit(path, b"x", None)):
        found = violations(Patch((edit,)), snap(repo))
        assert [v.severity for v in found] == [Severity.REFUSED], path
    assert why_not_a_path(path)


@pytest.mark.parametrize("path", ["a", "src/a.py", ".github/x", "a..b", "...", ".gitx", "git", "x.git", "a b", "é"])
def test_row_01_ordinary_paths_are_paths(path: str) -> None:
    assert why_not_a_path(path) == ""


@pytest.fixture
def linked(tmp_path: Path) -> Repo:
    repo = make_repo(tmp_path / "r", {"a.txt": "a\n", "d/b.txt": "b\n"})
    (repo.root / "link").symlink_to("a.txt")
    (repo.root / "way").symlink_to(tmp_path)
    repo.commit()
    return repo


@pytest.mark.parametrize(
    "edit",
    [
        FileEdit("new", None, b"/etc/passwd", "120000"),
        FileEdit("a.txt", b"a\n", b"../../x", "120000"),
        FileEdit("link", None, b"../out", "120000"),
        FileEdit("link", None, b"now a file\n"),
        FileEdit("link", b"a.txt", None, "120000"),
        FileEdit("sub", None, b"0" * 40, "160000"),
        FileEdit("way/x", None, b"x"),
        FileEdit("link/x", None, b"x"),
        FileEdit("a.txt/x", None, b"x"),
        FileEdit("d", None, b"a file where a folder is"),
    ],
    ids=lambda e: f"{e.path}-{e.mode}-{'gone' if e.after is None else 'there'}",
)
def test_row_02_links_and_submodules_are_refused(linked: Repo, edit: FileEdit) -> None:
    found = violations(Patch((edit,)), snap(linked))
    assert found
    assert all(v.severity is Severity.REFUSED for v in found)


def test_row_02_links_within_the_repository_when_allowed(linked: Repo) -> None:
    snapshot = snap(linked)
    inside = Patch((FileEdit("d/up", None, b"../a.txt", "120000"),))
    assert violations(inside, snapshot, allow_symlinks=True) == ()
    for target in (b"/etc/passwd", b"../../x", b"../.git/config", b"../../r/a.txt"):
        outside = Patch((FileEdit("d/up", None, target, "120000"),))
        assert violations(outside, snapshot, allow_symlinks=True)[0].severity is Severity.REFUSED


def test_row_02_a_link_on_disk_that_git_ignores(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "r", {"a": "1", ".gitignore": "build\n"})
    (repo.root / "build").symlink_to(tmp_path)
    assert violations(Patch((FileEdit("build/x", None, b"x"),)), snap(repo))[0].severity is Severity.REFUSED


def test_row_02_into_a_submodule(tmp_path: Path) -> None:
    inner = make_repo(tmp_path / "inner", {"i": "1"})
    repo = make_repo(tmp_path / "r", {"a": "1"})
    repo.git("submodule", "add", "-q", str(inner.root), "vendored")
    repo.commit()
    found = violations(Patch((FileEdit("vendored/i", b"1", b"2"),)), snap(repo))
    assert "submodule" in found[0].why


PROTECTED = [
    ".github/workflows/ci.yml", ".gitlab-ci.yml", ".husky/pre-commit", ".pre-commit-config.yaml", ".gitattributes",
    "conftest.py", "tests/conftest.py", "pytest.ini", "ruff.toml", "jest.config.ts", "tsconfig.json", ".golangci.yml",
    "phpunit.xml.dist", "spec/spec_helper.rb", ".gitmodules", "package.json", "sub/package.json", "setup.py",
    "pyproject.toml", "Makefile", "sub/makefile",
    "x.pth", "sitecustomize.py", "src/sitecustomize.py", ".vscode/settings.json", ".claude/settings.json", ".envrc",
    ".routecli.toml", ".routecliignore", ".GITHUB/x", "SETUP.PY", "requirements-dev.txt", "poetry.lock", "Dockerfile",
    "docker-compose.prod.yml", ".npmrc", "tox.ini", "Cargo.toml", "go.mod", ".mcp.json", "AGENTS.md", "-rf",
    ".devcontainer/devcontainer.json", ".env.local",
]  # fmt: skip


@pytest.mark.parametrize("path", PROTECTED)
def test_row_06_protected_paths_need_a_yes(path: str) -> None:
    assert why_protected(path)


def test_row_06_protected_is_no_refusal_and_names_each_file(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "r", {"setup.py": "1\n", "src/a.py": "1\n"})
    snapshot = snap(repo)
    found = violations(edits(snapshot, {"setup.py": "2\n", "src/a.py": "2\n", ".github/w.yml": "x"}), snapshot)
    assert [(v.path, v.severity) for v in found] == [
        (".github/w.yml", Severity.PROTECTED),
        ("setup.py", Severity.PROTECTED),
    ]
    assert violations(edits(snapshot, {"src/a.py": "2\n"}), snapshot) == ()
    for ordinary in ("src/setup.pyx", "docs/makefile.md", "tests/test_setup.py", "github/x", "README.md"):
        assert why_protected(ordinary) == ""


def test_row_12_too_many_files(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "r", {"a": "1"})
    many = Patch(tuple(FileEdit(f"n{i}", None, b"x") for i in range(MAX_FILES + 1)))
    assert violations(many, snap(repo))[0].severity is Severity.REFUSED


@pytest.mark.parametrize(
    "path", ["new\nline", "\x1b[31mred", "caf\udce9", "tab\there", "bidi\u202e", "tag\U000e0041", "zero\u200bwidth"]
)
def test_row_13_new_odd_names_are_refused_and_old_ones_are_not(path: str, tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "r", {"a": "1"})
    assert violations(Patch((FileEdit(path, None, b"x"),)), snap(repo))[0].severity is Severity.REFUSED
    (repo.root / path).write_text("old\n")
    assert violations(Patch((FileEdit(path, b"old\n", b"new\n"),)), snap(repo)) == ()


def test_row_13_names_that_differ_by_case_only(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "r", {"Readme.md": "1\n"})
    snapshot = snap(repo)
    assert "case" in violations(Patch((FileEdit("README.md", None, b"x"),)), snapshot)[0].why
    renamed = Patch((FileEdit("README.md", None, b"1\n"), FileEdit("Readme.md", b"1\n", None)))
    assert violations(renamed, snapshot) == ()


def test_a_folder_for_a_file_that_goes(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "r", {"mod.py": "1\n"})
    snapshot = snap(repo)
    assert violations(edits(snapshot, {"mod.py": None, "mod/__init__.py": "1\n"}), snapshot) == ()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_row_03_the_tree_changes_exactly_the_patchs_files(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    repo = make_repo(tmp_path_factory.mktemp("r"), {"a.py": "a\n", "b/c.py": "c\n", "b/d.py": "d\n"})
    snapshot = snap(repo)
    names = st.sampled_from(["a.py", "b/c.py", "b/d.py", "b/new.py", "n/e/w.py", "-x", "é.py", "*"])
    contents = st.one_of(st.none(), st.binary(max_size=20))
    chosen = data.draw(st.dictionaries(names, contents, max_size=5))
    patch = edits(snapshot, {p: c for p, c in chosen.items() if (c is not None or snapshot.read(p) is not None)})
    real = Patch(tuple(e for e in patch.edits if e.before != e.after))
    changed = changes_by(snapshot, real)
    assert sorted(c.path for c in changed) == sorted(real.paths)
    assert all(v.severity is Severity.PROTECTED for v in violations(real, snapshot))
