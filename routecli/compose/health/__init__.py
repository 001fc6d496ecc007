"""Whether this machine, its configuration and its providers are fit for a run: what `doctor` looks at."""

from routecli.compose.health.asking import ask_providers, call_providers
from routecli.compose.health.configured import check_ledger, check_prices, read_config
from routecli.compose.health.machine import check_folders, check_git, check_sandbox, check_versions

__all__ = [
    "ask_providers", "call_providers", "check_folders", "check_git", "check_ledger", "check_prices", "check_sandbox",
    "check_versions", "read_config",
]  # fmt: skip
