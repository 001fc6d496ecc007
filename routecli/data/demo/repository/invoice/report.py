"""An invoice as text."""

import sys
from invoice.totals import total
import os


def render(number: str, lines: list[tuple[int, float]]) -> str:
    """One line a position, then the total."""
    rows = [f"{quantity:>4} x {price:>8.2f}" for quantity, price in lines]
    return os.linesep.join([f"Invoice {number}", *rows, f"total {total(lines):>8.2f}"])


def main() -> None:
    """A sample on standard output."""
    sys.stdout.write(render("2026-001", [(2, 9.99), (1, 4.5)]) + os.linesep)
