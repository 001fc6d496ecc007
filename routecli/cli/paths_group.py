"""A group of commands with a usual one: words that name none of them are paths for that one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typer.core import TyperGroup

if TYPE_CHECKING:
    from collections.abc import Iterator

    from typer._click.core import Context


class PathsGroup(TyperGroup):
    """`GROUP PATHS` is `GROUP show PATHS`."""

    usual = "show"

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Puts the usual one in front where no command of the group was named."""
        word = next(self._plain(args), None)
        asks_help = word is None and not {"-h", "--help"}.isdisjoint(args)
        return super().parse_args(ctx, args if word in self.commands or asks_help else [self.usual, *args])

    def _plain(self, args: list[str]) -> Iterator[str]:
        """The words that are no option and no option's value."""
        takes = {name for p in self.params if not getattr(p, "is_flag", False) for name in p.opts}
        words = iter(args)
        for word in words:
            if word in takes:
                next(words, None)
            elif not word.startswith("-"):
                yield word
