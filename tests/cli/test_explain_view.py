"""`--explain` on the screen, narrow and wide, with and without evidence."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from routecli.cli.explain_view import bar, show_explained
from routecli.cli.turn_text import turn_text
from routecli.domain.explained import Assayed, AttemptCost, Believed, Considered, Explained, Seen, Turn
from routecli.domain.money import usd


def believed(tier: str, seen: int = 40, spares: str | None = "0.30") -> Believed:
    scopes = (Seen("here", min(1, seen), 0), Seen("kind", min(2, seen), 0), Seen("all", seen, 0))
    return Believed(
        tier, 0.57, 0.48, 0.66, 0.5, scopes,
        AttemptCost(usd("0.0123"), "here", 12), AttemptCost(usd("0.0246"), "ratio", 9), 0.61 if seen else None,
        None if spares is None else usd(spares),
    )  # fmt: skip


TURNS = tuple(Turn("right", ("tier2", "a-tier-with-a-long-name"), "tier1", 0.57, 0.41 - n / 100) for n in range(14))


def explained(*tiers: Believed, decides: bool = True, turns: tuple[Turn, ...] = TURNS) -> Explained:
    ladders = (
        Considered(("tier1", "tier2", "a-tier-with-a-long-name"), usd("0.1"), 0.731, 0.05, (1.0, 0.4, 0.2), True),
        Considered(("a-tier-with-a-long-name",), usd("0.4"), 0.74, 0.2, (1.0,)),
    )
    return Explained(decides, Assayed(0.83, 0.01, "default", "measured: so"), 0.01, tiers, ladders, turns)


EVERY = (believed("tier1"), believed("tier2", spares="0.001"), believed("a-tier-with-a-long-name", spares=None))


def drawn(found: Explained, policy: str = "auto", width: int = 80) -> list[str]:
    out = io.StringIO()
    console = Console(file=out, width=width, markup=False, highlight=False, emoji=False, no_color=True)
    show_explained(found, policy, console)
    return out.getvalue().splitlines()


@pytest.mark.parametrize("width", [80, 120])
def test_it_fits_and_says_everything(width: int) -> None:
    lines = drawn(explained(*EVERY), width=width)
    assert max(map(len, lines)) <= width
    text = "\n".join(lines)
    assert "57% (48–66)" in text
    assert [line.split()[-1] for line in lines if line.startswith(("tier1 ", "tier2 "))] == ["yes", "no"]
    assert "1/2/40" in text
    assert sum(line.startswith("● tier1") for line in lines) == 1
    assert "█" in text
    assert "\x1b" not in text
    assert sum("right on below" in line for line in lines) == 10
    assert "and 4 more" in text


def test_a_narrow_screen_keeps_every_column() -> None:
    lines = drawn(explained(*EVERY), width=80)
    for word in ("right (90 %)", "here/kind/all", "costs", "escalated", "spares", "pays", "costs (E)", "right (Q)"):
        assert any(word in line for line in lines), word


def test_where_each_figure_comes_from() -> None:
    text = " ".join(" ".join(drawn(explained(*EVERY))).split())
    assert "mean of 12 bills of such tasks here; after a failure 2.00 times that, as in 9 bills of yours" in text
    assert "refuses 83% of wrong patches (d) and 1% of right ones (f); measured: so" in text
    assert "within 1 point of a-tier-with-a-long-name alone" in text
    assert "no attempt seen yet" not in text
    assert "no attempt seen yet" in " ".join(drawn(explained(believed("tier1", seen=0), believed("b", spares=None))))


def test_another_rule_decides_and_says_so() -> None:
    turns = (Turn("files", ("tier2",), now=1, at=2), *TURNS[:1])
    lines = drawn(explained(*EVERY, decides=False, turns=turns), "thresholds", 120)
    assert lines[1].startswith("the policy thresholds decides; the evidence, beside it, would take tier1 → tier2")
    rules, others = lines.index("what would change it"), lines.index("what would change what the evidence takes")
    assert lines[rules + 1] == "  2 files or more (now 1): tier2"
    assert "right on below" in lines[others + 1]


def test_nothing_would_change_it_is_said() -> None:
    assert "  no single figure, within what is plausible" in drawn(explained(*EVERY, turns=()))


def test_without_a_price_it_says_why() -> None:
    bare = Explained(False, Assayed(0.5, 0.0, "config", "yours"), 0.01, why_not="no price is known for tier2")
    assert "no price is known for tier2" in drawn(bare, "auto")


@pytest.mark.parametrize(
    ("turn", "text"),
    [
        (Turn("right", ("b",), "a", 0.57, 0.41), "a right on below 41.0% (now 57.0%): b"),
        (Turn("price", ("b",), "a", 0.01, 0.02), "a above $0.0200 an attempt (now $0.0100, 2.00 times): b"),
        (Turn("detection", ("a", "b"), "", 0.5, 0.8), "checks refuse above 80.0% of wrong patches (now 50.0%): a → b"),
        (Turn("false_alarm", ("b",), "", 0.01, 0.1), "checks refuse above 10.0% of right patches (now 1.0%): b"),
        (Turn("tolerance", ("b",), "", 0.01, 0.024), "tolerance above 2.40 points (now 1): b"),
        (Turn("files", ("b",), "", 6, 5), "5 files or fewer (now 6): b"),
        (Turn("tokens", ("b",), "", 9, 50_001), "50,001 tokens or more (now 9): b"),
        (Turn("attempts", ("b",), "", 4, 30), "30 judged attempts (now 4), when the evidence decides: b"),
        (Turn("word", ("b",), word="redesign"), '"redesign" in the task: b'),
        (Turn("without-word", ("b",), word="redesign"), "without the word redesign: b"),
        (Turn("hint", ("b",), word="deep\x1b[31m"), "--hint deep\\x1b[31m: b"),
        (Turn("kind", ("b",), word="docstring, types"), "a task of the kind docstring, types: b"),
    ],
)
def test_turns_in_words(turn: Turn, text: str) -> None:
    assert turn_text(turn) == text


def test_a_bar_is_as_long_as_its_share() -> None:
    assert [bar(share, 8) for share in (0.0, 0.5, 1.0, 7.0)] == ["▏", "████", "████████", "████████"]
    assert bar(0.57, 8) == "████▌"
