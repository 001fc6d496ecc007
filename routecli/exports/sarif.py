"""A review's findings as SARIF 2.1.0 (OASIS, 2020), which code hosts and editors read.

Places are URIs relative to the root of the repository, the base that SARIF's readers call SRCROOT.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from routecli import __version__
from routecli.domain.answered import Remark, Severity
from routecli.domain.receipt import Receipt
from routecli.domain.untrusted import visible

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_BASE = "SRCROOT"
_MEANING = {
    Severity.ERROR: "The change breaks something.",
    Severity.WARNING: "The change may break something.",
    Severity.NOTE: "Worth knowing.",
}


def sarif_of(receipt: Receipt) -> dict[str, Any]:
    """One log with one run. Messages are a model's text: control characters are made visible in them."""
    remarks = receipt.answered.remarks if receipt.answered is not None else ()
    rules = [{"id": s.value, "shortDescription": {"text": _MEANING[s]}} for s in Severity]
    driver = {"name": "routecli", "version": __version__, "rules": rules}
    run = {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"routecli/review/{receipt.run_id}"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_BASE: {"description": {"text": "The root of the repository."}}},
        "results": [_result(remark) for remark in remarks],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _result(remark: Remark) -> dict[str, Any]:
    place = {
        "artifactLocation": {"uri": quote(remark.path.encode("utf-8", "surrogateescape")), "uriBaseId": _BASE},
        "region": {"startLine": remark.line},
    }
    return {
        "ruleId": remark.severity.value,
        "ruleIndex": list(Severity).index(remark.severity),
        "level": remark.severity.value,
        "message": {"text": visible(remark.said)},
        "locations": [{"physicalLocation": place}],
    }
