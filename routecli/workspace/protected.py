"""Paths that run code by themselves or steer who runs what: never delivered without a yes (security.md rows 6, 14).

`docs/security.md` lists this table; names are compared without case, at any depth.
"""

from __future__ import annotations

import fnmatch

from routecli.domain.task import RepoPath

AUTOMATION = "runs on a server or at a commit"
EDITOR = "runs in an editor or steers another agent"
BUILD = "runs when the project is built or installed"
STARTUP = "runs when Python or a shell starts"
DEPENDENCIES = "decides what is installed"
JUDGE = "steers what the tests and linters say"
GIT = "steers git"
OWN = "steers routecli"

FOLDERS: dict[str, str] = {
    ".github": AUTOMATION, ".gitlab": AUTOMATION, ".gitea": AUTOMATION, ".forgejo": AUTOMATION,
    ".circleci": AUTOMATION, ".buildkite": AUTOMATION, ".husky": AUTOMATION, ".githooks": AUTOMATION,
    ".ci": AUTOMATION, ".vscode": EDITOR, ".idea": EDITOR, ".claude": EDITOR, ".codex": EDITOR, ".cursor": EDITOR,
    ".gemini": EDITOR, ".agents": EDITOR, ".devcontainer": EDITOR, ".cargo": BUILD, ".mvn": BUILD, ".yarn": BUILD,
    ".routecli": OWN,
}  # fmt: skip
"""Everything below a folder of this name."""

NAMES: dict[str, str] = {
    ".gitlab-ci.yml": AUTOMATION, ".travis.yml": AUTOMATION, "appveyor.yml": AUTOMATION, "jenkinsfile": AUTOMATION,
    "azure-pipelines.yml": AUTOMATION, "bitbucket-pipelines.yml": AUTOMATION, ".drone.yml": AUTOMATION,
    ".pre-commit-config.yaml": AUTOMATION, ".pre-commit-hooks.yaml": AUTOMATION, "lefthook.y*ml": AUTOMATION,
    ".gitattributes": GIT, ".gitmodules": GIT, ".gitconfig": GIT, ".mailmap": GIT, ".lfsconfig": GIT,
    ".mcp.json": EDITOR, ".cursorrules": EDITOR, "agents.md": EDITOR, "claude.md": EDITOR, "gemini.md": EDITOR,
    ".editorconfig": EDITOR, "*.code-workspace": EDITOR,
    "package.json": BUILD, "setup.py": BUILD, "setup.cfg": BUILD, "pyproject.toml": BUILD, "makefile": BUILD,
    "gnumakefile": BUILD, "*.mk": BUILD, "cmakelists.txt": BUILD, "meson.build": BUILD, "justfile": BUILD,
    "taskfile.y*ml": BUILD, "rakefile": BUILD, "dockerfile*": BUILD, "*.dockerfile": BUILD,
    "containerfile*": BUILD, "docker-compose*.y*ml": BUILD, "compose.y*ml": BUILD, "build.gradle*": BUILD,
    "settings.gradle*": BUILD, "gradlew*": BUILD, "mvnw*": BUILD, "pom.xml": BUILD, "build.rs": BUILD,
    "cargo.toml": BUILD, "build.sbt": BUILD, "binding.gyp": BUILD, "noxfile.py": BUILD, "tox.ini": BUILD,
    "conftest.py": JUDGE, "pytest.ini": JUDGE, ".pytest.ini": JUDGE, ".coveragerc": JUDGE, "ruff.toml": JUDGE,
    ".ruff.toml": JUDGE, ".flake8": JUDGE, "mypy.ini": JUDGE, ".mypy.ini": JUDGE, ".pylintrc": JUDGE,
    "pyrightconfig.json": JUDGE, "jest.config.*": JUDGE, "jest.setup.*": JUDGE, "vitest.config.*": JUDGE,
    "vitest.setup.*": JUDGE, "vite.config.*": JUDGE, ".mocharc*": JUDGE, "karma.conf.*": JUDGE, "ava.config.*": JUDGE,
    "playwright.config.*": JUDGE, "cypress.config.*": JUDGE, "jasmine.json": JUDGE, "babel.config.*": JUDGE,
    ".babelrc*": JUDGE, "tsconfig*.json": JUDGE, ".eslintrc*": JUDGE, "eslint.config.*": JUDGE, "biome.json*": JUDGE,
    ".golangci.*": JUDGE, "clippy.toml": JUDGE, ".clippy.toml": JUDGE, "nextest.toml": JUDGE, "phpunit.xml*": JUDGE,
    "phpstan.neon*": JUDGE, ".rspec": JUDGE, "spec_helper.rb": JUDGE, "rails_helper.rb": JUDGE, ".rubocop*.yml": JUDGE,
    "*.pth": STARTUP, "sitecustomize.py": STARTUP, "usercustomize.py": STARTUP, ".envrc": STARTUP, ".env": STARTUP,
    ".env.*": STARTUP, ".bashrc": STARTUP, ".profile": STARTUP, ".bash_profile": STARTUP, ".zshrc": STARTUP,
    "requirements*.txt": DEPENDENCIES, "requirements*.in": DEPENDENCIES, "constraints*.txt": DEPENDENCIES,
    "pipfile": DEPENDENCIES, "pipfile.lock": DEPENDENCIES, "poetry.lock": DEPENDENCIES, "uv.lock": DEPENDENCIES,
    "pdm.lock": DEPENDENCIES, "environment.y*ml": DEPENDENCIES, "package-lock.json": DEPENDENCIES,
    "npm-shrinkwrap.json": DEPENDENCIES, "yarn.lock": DEPENDENCIES, "pnpm-lock.yaml": DEPENDENCIES,
    "cargo.lock": DEPENDENCIES, "go.mod": DEPENDENCIES, "go.sum": DEPENDENCIES, "gemfile": DEPENDENCIES,
    "gemfile.lock": DEPENDENCIES, "composer.json": DEPENDENCIES, "composer.lock": DEPENDENCIES,
    ".npmrc": DEPENDENCIES, ".yarnrc*": DEPENDENCIES, ".pypirc": DEPENDENCIES, "pip.conf": DEPENDENCIES,
    ".netrc": DEPENDENCIES,
    ".routecli*": OWN,
}  # fmt: skip
"""A file of this name; `*` stands for anything."""


def why_protected(path: RepoPath) -> str:
    """Why `path` needs a yes, in a few words; empty where it does not."""
    *folders, name = path.casefold().split("/")
    for folder in folders:
        if folder in FOLDERS:
            return FOLDERS[folder]
    for pattern, why in NAMES.items():
        if fnmatch.fnmatchcase(name, pattern):
            return why
    return "its name starts with a dash: a program may take it for an option" if name.startswith("-") else ""
