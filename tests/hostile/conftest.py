"""The repository and the workspace at each full level are those of the workspace's own tests."""

from workspace.conftest import level, own_memory, repo, workspace

__all__ = ["level", "own_memory", "repo", "workspace"]
