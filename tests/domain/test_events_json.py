from __future__ import annotations

import json
import re
from pathlib import Path
from typing import get_args

import pytest
from domain.receipts import events

from routecli.domain.events import Event
from routecli.domain.events_json import EVENT_TYPES, event_to_json

PAGE = (Path(__file__).parents[2] / "docs" / "events.md").read_text()


def documented() -> dict[str, set[str]]:
    rows = re.findall(r"^\| `([a-z-]+)` \| [^|]+ \| (.*) \|$", PAGE, re.MULTILINE)
    return {
        name: set(re.findall(r"`(\w+)`", re.sub(r"\([^)]*\)", "", fields))) for name, fields in rows if name != "type"
    }


def test_every_event_has_a_type_and_a_row() -> None:
    assert set(EVENT_TYPES) == set(get_args(Event))
    assert set(documented()) == set(EVENT_TYPES.values())


def test_the_examples_are_all_of_them() -> None:
    assert {type(event) for event in events()} == set(EVENT_TYPES)


@pytest.mark.parametrize("event", events(), ids=lambda event: type(event).__name__)
def test_the_page_names_exactly_the_fields(event: Event) -> None:
    data = json.loads(json.dumps(event_to_json(event)))
    kind = data.pop("type")
    assert set(data) == documented()[kind]
