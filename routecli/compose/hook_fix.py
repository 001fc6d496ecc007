"""A fix of what is staged: an ordinary run on that content, which is saved and never written by the hook."""

from __future__ import annotations

from dataclasses import replace

from routecli.cascade import Run
from routecli.compose.hooking import Weighed
from routecli.compose.planning import Order, plan_on
from routecli.compose.wiring import Wishes, make_ready
from routecli.config.load import Loaded
from routecli.domain.money import Usd
from routecli.domain.receipt import Isolation
from routecli.domain.task import Kind
from routecli.errors import SandboxFault
from routecli.git.staged import snapshot_of
from routecli.git.store import open_store
from routecli.ledger.ledger import Ledger
from routecli.ports import Listener

_LEAST_S = 1.0


def fix_staged(weighed: Weighed, loaded: Loaded, ledger: Ledger, emit: Listener, *, left_s: float) -> Run:
    """Asks the tiers, at most `hook.budget_usd` and about `left_s` seconds. The patch is saved under the run's id.

    Raises what planning raises, and SandboxFault: a model's patch is never run here without isolation."""
    repository = weighed.repository
    snapshot = snapshot_of(open_store(repository), weighed.after_tree)
    try:
        limited = _limited(loaded, max(_LEAST_S, left_s))
        paths = tuple(sorted(p for p in weighed.changed if snapshot.mode(p).startswith("100")))
        order = Order(_words(weighed), paths, repository.root, Kind.FIX)
        plan = plan_on(order, limited, ledger, snapshot)
        ready = make_ready(plan, ledger, emit, wishes=Wishes(patch_only=True))
        if ready.workspace.isolation is Isolation.NONE:
            raise SandboxFault("no isolation: a model's patch is not run in a hook")
        ready.preflight()
        return ready.run()
    finally:
        snapshot.close()


def _limited(loaded: Loaded, left_s: float) -> Loaded:
    settings = loaded.settings
    verify = replace(settings.verify, timeout_s=min(settings.verify.timeout_s, left_s), reproduce="off")
    limited = replace(
        settings,
        budget_usd=Usd(min(settings.budget_usd, settings.hook.budget_usd)),
        request_timeout_s=min(settings.request_timeout_s, left_s),
        verify=verify,
    )
    return replace(loaded, settings=limited)


def _words(weighed: Weighed) -> str:
    """The task: what is red, and the first failure's own last lines."""
    broken = weighed.judged.breaks
    said = [f"{one.check.name}: {one.why}" for one in broken]
    detail = next((t.detail for one in broken for t in one.failures.values() if t.detail), "")
    findings = [str(finding) for one in broken for finding in one.findings[:10]]
    return "\n".join(["Fix what the staged change breaks.", *said, *findings, *detail.splitlines()[-15:]])
