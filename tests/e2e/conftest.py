"""The two real agents take 658 MB together: their runs are collected where both are installed, and .ci/run does not."""

from __future__ import annotations

import shutil

collect_ignore = [] if shutil.which("claude") and shutil.which("codex") else ["test_real_agents.py"]
