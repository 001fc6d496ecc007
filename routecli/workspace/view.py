"""What a command in a twin gets to see: an allow-list of folders, variables and limits (security.md §3, rows 29–39)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from routecli.nouns import dataclass

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
SYSTEM_FOLDERS = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
"""Beside /usr; on most systems links into it."""
ETC = (
    "alternatives", "crypto-policies", "fonts", "group", "hosts", "java-11-openjdk", "java-17-openjdk",
    "java-21-openjdk", "ld.so.cache", "localtime", "mime.types", "nsswitch.conf", "os-release", "passwd", "perl",
    "pki/tls/certs", "protocols", "python3", "python3.11", "python3.12", "python3.13", "services", "ssl/certs",
    "ssl/openssl.cnf", "timezone",
)  # fmt: skip
"""What programs look up in /etc, and nothing that holds a secret. Each is a mount that every command waits for."""
EMPTY_FOLDERS = ("/tmp", "/run", "/home", "/var/tmp")
"""Empty, writable and gone afterwards."""
KERNEL_SETTINGS = ("sys", "irq", "bus", "fs", "acpi", "scsi", "sysrq-trigger")
"""Of /proc, read-only in every sandbox. Their files belong to the machine's root: where that is who started us, the
kernel lets it write them from inside a user namespace without any capability, and `core_pattern` runs a program on
the host (security.md row 32)."""
HOME = "/home/routecli"
REPORT_DIR = "/run/routecli/report"
REPORT_VARIABLE = "ROUTECLI_REPORT_DIR"
TMP_BYTES = 512 * 1024 * 1024

_PASSED_ON = ("LANG", "LANGUAGE", "TZ")
_SECRET_NAME = re.compile(r"KEY|SECRET|TOKEN|PASS|CREDENTIAL|AUTH", re.IGNORECASE)

GATE = """\
until read -r id name state rest </proc/1/stat && [ "$state" = S ]; do :; done
echo >&0; read -r go || exit 1; exec </dev/null
"""
"""Goes before LAUNCHER where the sandbox's own parts are tied to one another by the kernel (bwrap and unshare: "kill me
when my parent dies"). A part above that was killed before that was said leaves the ones below alive: they ask first
(`process.run`, gated), and nobody answers them (security.md row 35). bubblewrap's process 1 says it only after it has
started this program, and right before it waits for it."""
LAUNCHER = """\
ulimit -c 0
ulimit -n 4096 2>/dev/null
ulimit -f 4194304 2>/dev/null
ulimit -u 1024 2>/dev/null || ulimit -p 1024 2>/dev/null
command -v -- "$1" >/dev/null 2>&1 || { echo "routecli: not found: $1" >&2; exit 127; }
exec "$@"
"""
"""Limits on core files, descriptors, file size (2 GiB) and processes, then the command. Not on address space: node
reserves more than it uses (security.md row 39)."""
NOT_FOUND = b"routecli: not found: "


@dataclass(frozen=True, slots=True)
class View:
    """One command's surroundings. `tree` is the host's folder that appears at `root`; `read_only` are `(source,
    place)` pairs, `links` are `(target, place)` of links to make; `report` is the host's folder for REPORT_DIR. `env`
    is complete: nothing is inherited. With `layer_work`, `tree` is only a layer over the host's own `root`, and this is
    the empty folder beside it that the kernel works in. `network`: the host's is not taken away."""

    tree: Path
    root: Path
    cwd: Path
    argv: tuple[str, ...]
    env: Mapping[str, str]
    read_only: tuple[tuple[Path, Path], ...] = ()
    links: tuple[tuple[str, Path], ...] = ()
    report: Path | None = None
    layer_work: Path | None = None
    network: bool = False

    @property
    def binds_outside(self) -> tuple[tuple[Path, Path], ...]:
        """Read-only places outside the tree, outer folders first."""
        return _outer_first(b for b in self.read_only if not b[1].is_relative_to(self.root))

    @property
    def binds_inside(self) -> tuple[tuple[Path, Path], ...]:
        """Read-only places within the tree, mounted over it."""
        return _outer_first(b for b in self.read_only if b[1].is_relative_to(self.root))

    @property
    def launched(self) -> tuple[str, ...]:
        """The command under its limits."""
        return ("/bin/sh", "-c", LAUNCHER, "sh", *self.argv)

    @property
    def gated(self) -> tuple[str, ...]:
        """The same, which waits for a word of ours first."""
        return ("/bin/sh", "-c", GATE + LAUNCHER, "sh", *self.argv)


def _outer_first(binds: Iterable[tuple[Path, Path]]) -> tuple[tuple[Path, Path], ...]:
    return tuple(sorted(dict.fromkeys(binds), key=lambda b: (len(b[1].parts), b[1])))


def environment(environ: Mapping[str, str], extra_names: Iterable[str], command: Mapping[str, str]) -> dict[str, str]:
    """The variables of a command: a short list of the caller's, the user's `extra_names` unless they sound like a
    secret's, and `command`'s own (security.md row 30)."""
    kept = {n: v for n, v in environ.items() if n in _PASSED_ON or n.startswith("LC_")}
    kept |= {n: environ[n] for n in extra_names if n in environ and not sounds_secret(n)}
    fixed = {
        "PATH": SYSTEM_PATH,
        "HOME": HOME,
        "TMPDIR": "/tmp",
        "TERM": "dumb",
        "CI": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return {"LANG": "C.UTF-8"} | kept | fixed | dict(command)


def sounds_secret(name: str) -> bool:
    """Whether a variable's name is that of a secret."""
    return _SECRET_NAME.search(name) is not None


NAMES_OF_HOSTS = (Path("/etc/resolv.conf"),)
"""What name look-up reads, beside ETC: only where there is a network."""


def system_binds() -> tuple[Path, ...]:
    """/usr, the folders beside it that are no links, and what of /etc exists."""
    beside = [path for path in _beside_usr() if path.is_dir() and not path.is_symlink()]
    return (Path("/usr"), *beside, *(path for name in ETC if (path := Path("/etc", name)).exists()))


def system_links() -> tuple[tuple[str, str], ...]:
    """`(target, link)` of the folders beside /usr that are links into it."""
    return tuple((str(path.readlink()), str(path)) for path in _beside_usr() if path.is_symlink())


def _beside_usr() -> list[Path]:
    return [Path("/", name) for name in SYSTEM_FOLDERS]
