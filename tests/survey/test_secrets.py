"""Secrets stay home, ordinary source does not (security.md row 23)."""

from __future__ import annotations

import random
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import routecli
from routecli.survey.secrets import denied_by_name, entropy_bits, held_secret

RANDOM = random.Random(23)


def drawn(length: int, alphabet: str = string.ascii_letters + string.digits) -> str:
    """Made here and now, so that no scanner finds a secret in this file."""
    return "".join(RANDOM.choice(alphabet) for _ in range(length - 2)) + "a7"


UPPER = string.ascii_uppercase + string.digits
HOLDING = {
    "private-key": "-----BEGIN RSA PRIVATE KEY-----\n" + drawn(64) + "\n" + drawn(64),
    "private-key-in-source": 'KEY = "-----BEGIN PRIVATE KEY-----\\n" + "' + drawn(64) + '"',
    "private-key-with-head": "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: A\n\n" + drawn(64),
    "openssh": "-----BEGIN OPENSSH PRIVATE KEY-----\n" + drawn(70),
    "pgp": "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n" + drawn(64),
    "aws": "aws_access_key_id = AKIA" + drawn(16, UPPER).upper(),
    "github": "token: ghp_" + drawn(36),
    "github-fine": "github_pat_" + drawn(70),
    "gitlab": "glpat-" + drawn(20),
    "anthropic": "sk-ant-api03-" + drawn(80),
    "openrouter": "sk-or-v1-" + drawn(64, "0123456789abcdef"),
    "openai": "OPENAI_API_KEY=sk-proj-" + drawn(60),
    "slack": "xoxb-" + drawn(12, string.digits) + "-" + drawn(24),
    "slack-hook": "https://hooks.slack.com/services/T0A1B2C3D/B0A1B2C3D/" + drawn(24),
    "google": "AIza" + drawn(35),
    "stripe": "sk_live_" + drawn(24),
    "sendgrid": "SG." + drawn(22) + "." + drawn(43),
    "npm": "//registry.npmjs.org/:_authToken=npm_" + drawn(36),
    "pypi": "pypi-AgE" + drawn(80),
    "huggingface": "hf_" + drawn(34),
    "azure": "AccountKey=" + drawn(86) + "==",
    "assigned": 'client_secret = "' + drawn(40) + '"',
    "assigned-json": '{"api_key": "' + drawn(40) + '"}',
    "assigned-hash": "'password' => '" + drawn(32) + "'",
}


@pytest.mark.parametrize("name", HOLDING)
def test_row_23_a_file_that_holds_a_secret(name: str) -> None:
    assert held_secret(f"# settings\n{HOLDING[name]}\nmore = 1\n".encode())


@pytest.mark.parametrize(
    "text",
    [
        "AKIAIOSFODNN7EXAMPLE",
        'password = "correct horse battery staple"',
        'SECRET_KEY = "django-insecure-' + drawn(50) + '"',
        'api_key = "your_api_key_goes_here_and_nowhere"',
        'token = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1"',
        'tokenizer_class = "PreTrainedTokenizerFastWithoutDigits"',
        'token = get_token_from_environment("SOME_LONG_VARIABLE_NAME_1")',
        "-----BEGIN PUBLIC KEY-----\n" + drawn(64),
        "if line.startswith('-----BEGIN RSA PRIVATE KEY-----'):\n    return True\n",
        "sk-learn-contrib is a package, sk-learn too",
        "integrity sha512-" + drawn(86) + "==",
        "commit " + drawn(40, "0123456789abcdef"),
    ],
)
def test_row_23_a_file_that_looks_like_it_and_is_none(text: str) -> None:
    assert held_secret(text.encode()) == ""


@pytest.mark.parametrize(
    "path",
    [
        ".env", "app/.env", ".env.production", "prod.env", ".envrc", "certs/server.pem", "server.KEY", "a.p12", "a.pfx",
        "id_rsa", ".ssh/config", "deploy/id_ed25519", ".netrc", ".npmrc", ".pypirc", ".git-credentials",
        "credentials", "config/credentials.json", "secrets.yaml", "service-account-prod.json", ".aws/config",
        "infra/terraform.tfvars", "x.tfstate", "config/master.key", ".htpasswd", "sub/.kube/config",
    ],
)  # fmt: skip
def test_row_23_secret_by_its_name(path: str) -> None:
    assert denied_by_name(path)


@pytest.mark.parametrize(
    "path",
    [
        "environment.py", "env.py", ".env.example", "secrets.py", "src/credentials.py", "key.py", "keys.json",
        "id_rsa.pub", "monkey.py", "docs/secrets.md", "tests/test_env.py", "config.json", "ssh/config", "x.key.py",
    ],
)  # fmt: skip
def test_row_23_ordinary_names_stay(path: str) -> None:
    assert not denied_by_name(path)


def test_row_23_ordinary_source_is_not_blocked() -> None:
    sources = list(Path(routecli.__file__).parent.rglob("*.py"))
    blocked = [p.name for p in sources if held_secret(p.read_bytes())]
    assert len(sources) > 20
    assert blocked == []


@given(st.binary(max_size=2_000))
def test_any_bytes_can_be_scanned(raw: bytes) -> None:
    assert isinstance(held_secret(raw), str)


@pytest.mark.parametrize("unit", ["token='", "-----BEGIN PRIVATE KEY-----\n", "a: b\n", "secret = " + " " * 50, "sk-"])
def test_a_hostile_file_is_scanned_in_linear_time(unit: str) -> None:
    """Ends at all: nested repeats would take hours on these."""
    assert isinstance(held_secret(("-----BEGIN PRIVATE KEY-----\n" + unit * (200_000 // len(unit))).encode()), str)


@given(st.binary(min_size=1))
def test_entropy_lies_between_none_and_eight_bits(value: bytes) -> None:
    assert 0.0 <= entropy_bits(value) <= 8.0
