"""Which host folders are shown so that a program can start: its installation, and never a home."""

from __future__ import annotations

from pathlib import Path

from routecli.workspace import toolchain


def program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_an_installation_and_not_the_home_around_it(tmp_path: Path) -> None:
    node = program(tmp_path / ".nvm" / "versions" / "v20" / "bin" / "node")
    assert set(toolchain.of_program(node, tmp_path)) == {tmp_path / ".nvm" / "versions" / "v20"}
    for wide in (
        tmp_path / ".local" / "bin" / "tool",
        tmp_path / "bin" / "tool",
        tmp_path / ".cargo" / "bin" / "cargo",
    ):
        assert set(toolchain.of_program(program(wide), tmp_path)) == {wide}


def test_links_are_followed_hop_by_hop(tmp_path: Path) -> None:
    real = program(tmp_path / ".pyenv" / "versions" / "3.11.9" / "bin" / "python3.11")
    (tmp_path / ".pyenv" / "versions" / "3.11").symlink_to("3.11.9")
    environment = tmp_path / "project" / ".venv"
    (environment / "bin").mkdir(parents=True)
    (environment / "bin" / "python").symlink_to(tmp_path / ".pyenv" / "versions" / "3.11" / "bin" / "python3.11")
    (environment / "pyvenv.cfg").write_text(f"home = {real.parent}\nversion = 3.11.9\n")
    found = set(toolchain.of_environment(environment, tmp_path))
    assert {tmp_path / ".pyenv" / "versions" / "3.11", tmp_path / ".pyenv" / "versions" / "3.11.9"} <= found
    assert tmp_path not in found


def test_a_ring_of_links_ends(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    assert list(toolchain.of_program(tmp_path / "a", tmp_path)) == []


def test_the_system_and_the_repository_are_passed_over(tmp_path: Path) -> None:
    mine = program(tmp_path / "tools" / "bin" / "mytool")
    evil = program(tmp_path / "repo" / "bin" / "mytool")
    path = f"{evil.parent}:relative:{mine.parent}"
    assert toolchain.on_path("mytool", {"PATH": path}, tmp_path / "repo") is None
    assert toolchain.on_path("mytool", {"PATH": str(mine.parent)}, tmp_path / "repo") == mine
    assert toolchain.on_path("sh", {"PATH": "/usr/bin:/bin"}, tmp_path) is None
    assert toolchain.on_path("./mytool", {"PATH": path}, tmp_path) is None
    assert list(toolchain.of_program(Path("/usr/bin/env"), tmp_path)) == []


def test_a_program_of_npm_comes_with_the_packages_beside_it(tmp_path: Path) -> None:
    packages = tmp_path / "project" / "node_modules"
    real = program(packages / "@vendor" / "tool" / "bin" / "tool.js")
    (packages / ".bin").mkdir()
    (packages / ".bin" / "tool").symlink_to("../@vendor/tool/bin/tool.js")
    assert set(toolchain.of_program(packages / ".bin" / "tool", tmp_path)) == {packages}
    assert set(toolchain.of_program(real, tmp_path)) == {packages}
