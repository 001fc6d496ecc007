"""What is never sent to a provider: files that are secrets by name, and files that hold one (security.md row 23).

Names first, then a scan for known shapes. A literal is looked for before its pattern is tried, so that ordinary
source costs a few passes of `in`.
"""

from __future__ import annotations

import fnmatch
import math
import re
from collections import Counter
from functools import cache

from routecli.domain.task import RepoPath
from routecli.nouns import dataclass

DENY_NAMES: tuple[str, ...] = (
    ".env", ".env.*", "*.env", ".envrc",
    "*.pem", "*.key", "*.p12", "*.pfx", "*.jks", "*.keystore", "*.kdbx", "*.ppk", "*.ovpn",
    "id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "id_rsa.*", "id_dsa.*", "id_ecdsa.*", "id_ed25519.*",
    ".netrc", "_netrc", ".pgpass", ".htpasswd", ".npmrc", ".pypirc", ".dockercfg", ".git-credentials", ".boto",
    "credentials", "credentials.json", "credentials.yml", "credentials.yaml", "credentials.toml", "credentials.ini",
    "secrets.json", "secrets.yml", "secrets.yaml", "secrets.toml", "secrets.ini", "secret.json",
    "service-account*.json", "service_account*.json", "client_secret*.json",
    "*.tfstate", "terraform.tfstate.*", "terraform.tfvars", "*.auto.tfvars", "wallet.dat", "master.key",
)  # fmt: skip
DENY_PATHS: tuple[str, ...] = (".aws/", ".ssh/", ".gnupg/", ".kube/config", ".docker/config.json")
ALLOW_NAMES: tuple[str, ...] = (".env.example", ".env.sample", ".env.template", ".env.dist", ".env.defaults", "*.pub")
"""Kept beside the files above to show their shape; their content is scanned like any other."""


@cache
def _compiled(pattern: bytes) -> re.Pattern[bytes]:
    return re.compile(pattern)


def _any_of(names: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(fnmatch.translate(name) for name in names), re.DOTALL)


# The names by their form: a whole repository is looked through before every run, and set and tuple look-ups are quick.
_EXACT = frozenset(name for name in DENY_NAMES if "*" not in name)
_ENDS = tuple(name[1:] for name in DENY_NAMES if name.startswith("*") and "*" not in name[1:])
_REST = tuple(name for name in DENY_NAMES if name not in _EXACT and name[1:] not in _ENDS)
_STARTS = tuple(name.partition("*")[0] for name in _REST)
_DENIED = _any_of(_REST)
_ALLOWED = _any_of(ALLOW_NAMES)


def denied_by_name(path: RepoPath) -> bool:
    """Whether the path alone says "secret"; case does not matter."""
    lowered = path.lower()
    base = lowered[lowered.rfind("/") + 1 :]
    denied = base in _EXACT or base.endswith(_ENDS)
    denied = denied or (base.startswith(_STARTS) and _DENIED.match(base) is not None)
    if not denied and (lowered[0] == "." or "/." in lowered):
        denied = any(f"/{part}" in f"/{lowered}" for part in DENY_PATHS)
    return denied and not _ALLOWED.match(base)


@dataclass(frozen=True, slots=True)
class Shape:
    """A kind of secret. `needles` are literals, one of which is in every match; `entropy_bits` a floor for what the
    pattern's group `value` holds, per character (0: the shape alone is enough)."""

    name: str
    needles: tuple[bytes, ...]
    pattern: bytes
    entropy_bits: float = 0.0


def _shape(name: str, needles: str, pattern: str, entropy_bits: float = 0.0) -> Shape:
    return Shape(name, tuple(needles.encode().split(b"|")), pattern.encode(), entropy_bits)


SHAPES: tuple[Shape, ...] = (
    _shape(
        "private key",
        "PRIVATE KEY",
        r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY(?: BLOCK)?-----"
        r"(?:[\s\"'+,]|\\[nr])*(?:[\w-]+: [^\n]*\n\s*)*[A-Za-z0-9+/=]{40}",
    ),
    _shape("AWS access key", "AKIA|ASIA", r"\b(?:AKIA|ASIA)(?P<value>[A-Z0-9]{16})\b", 2.5),
    _shape("GitHub token", "ghp_|gho_|ghu_|ghs_|ghr_", r"\bgh[pousr]_(?P<value>[A-Za-z0-9]{36,})\b", 3.0),
    _shape("GitHub token", "github_pat_", r"\bgithub_pat_(?P<value>\w{60,})", 3.0),
    _shape("GitLab token", "glpat-", r"\bglpat-(?P<value>[\w-]{20,})", 3.0),
    _shape("Anthropic key", "sk-ant-", r"\bsk-ant-(?P<value>[\w-]{24,})", 3.0),
    _shape("OpenRouter key", "sk-or-", r"\bsk-or-(?P<value>[\w-]{24,})", 3.0),
    _shape("OpenAI key", "sk-", r"\bsk-(?:proj-|svcacct-)?(?P<value>[A-Za-z0-9][\w-]{31,})", 4.0),
    _shape("Slack token", "xox", r"\bxox[abeoprs]-(?P<value>[\w-]{20,})", 2.5),
    _shape("Slack webhook", "hooks.slack.com", r"hooks\.slack\.com/services/T\w{6,}/B\w{6,}/(?P<value>\w{20,})", 3.0),
    _shape("Google key", "AIza", r"\bAIza(?P<value>[\w-]{35})(?![\w-])", 3.0),
    _shape("Stripe key", "_live_", r"\b[srp]k_live_(?P<value>[A-Za-z0-9]{20,})", 3.0),
    _shape("SendGrid key", "SG.", r"\bSG\.(?P<value>[\w-]{20,24}\.[\w-]{39,50})", 3.5),
    _shape("npm token", "npm_", r"\bnpm_(?P<value>[A-Za-z0-9]{36})\b", 3.0),
    _shape("PyPI token", "pypi-AgE", r"\bpypi-(?P<value>AgE[\w-]{50,})", 3.0),
    _shape("Hugging Face token", "hf_", r"\bhf_(?P<value>[A-Za-z0-9]{34,})\b", 3.5),
    _shape("Azure storage key", "AccountKey=", r"AccountKey=(?P<value>[A-Za-z0-9+/]{60,}={0,2})", 4.0),
)
_ASSIGNED = Shape(
    "assigned secret",
    (b"secret", b"token", b"passw", b"api_key", b"apikey", b"access_key", b"private_key", b"api-key"),
    (
        rb"(?i:(?:secret|token|passwo?r?d|api_?-?key|access_?key|private_?key)[\w-]{0,20})"
        rb"[\"']?\s{0,4}(?:=|:|=>)\s{0,4}[\"'](?P<value>[A-Za-z0-9+/_.~=-]{28,200})[\"']"
    ),
    4.0,
)
_PLACEHOLDER = re.compile(rb"(?i)example|sample|dummy|insecure|placeholder|changeme|your[_-]|xxxx|fake|redacted|test")


def held_secret(raw: bytes) -> str:
    """The kind of secret that `raw` holds, empty for none."""
    for shape in SHAPES:
        if any(needle in raw for needle in shape.needles) and _found(shape, raw):
            return shape.name
    lowered = raw.lower()
    if any(needle in lowered for needle in _ASSIGNED.needles) and _found(_ASSIGNED, raw):
        return _ASSIGNED.name
    return ""


def _found(shape: Shape, raw: bytes) -> bool:
    for match in _compiled(shape.pattern).finditer(raw):
        if not shape.entropy_bits:
            return True
        value = match["value"]
        random = entropy_bits(value) >= shape.entropy_bits and _mixed(value)
        if random and not _PLACEHOLDER.search(match.group()):
            return True
    return False


def entropy_bits(value: bytes) -> float:
    """Shannon entropy per byte of `value`, in bits."""
    counts = Counter(value)
    return -sum(n / len(value) * math.log2(n / len(value)) for n in counts.values())


def _mixed(value: bytes) -> bool:
    """Letters and digits both: long identifiers and paths are made of words only."""
    return any(48 <= b <= 57 for b in value) and any(b > 57 for b in value)
