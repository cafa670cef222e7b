"""Why something was requested, or was not, for people to read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_SHOWN = 3  # partitions by name


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What a condition found, and what each of its parts did.

    `of` names the upstream asset or the check that was asked in place of the asset itself. `asked`
    and `true` are how many partitions were still in question, and how many of them it is true for;
    `partitions` are the first of these. A part that was not asked, since nothing was left in
    question, has 0 and 0.
    """

    condition: str
    of: str | None
    asked: int
    true: int
    is_partitioned: bool
    partitions: tuple[str, ...] = ()
    parts: tuple[Explanation, ...] = ()

    @property
    def verdict(self) -> str:
        """In a few words: yes, no, not asked, or for which partitions."""
        if not self.asked:
            return "not asked"
        if not self.is_partitioned:
            return "yes" if self.true else "no"
        if not self.true:
            return f"none of {self.asked}" if self.asked > 1 else "no"
        names = ", ".join(self.partitions)
        more = self.true - len(self.partitions)
        return f"{names} and {more} more" if more else names

    def lines(self, depth: int = 0) -> Iterator[str]:
        """The whole as an indented list, what it is made of below each condition."""
        about = "" if self.of is None else f"{self.of}: "
        yield f"{'  ' * depth}{about}{self.condition}: {self.verdict}"
        for part in self.parts:
            yield from part.lines(depth + 1)

    def because(self) -> str:
        """One line: that it is to be requested, or what it is that is not so."""
        if self.true:
            return f"to be requested: {self.verdict}" if self.is_partitioned else "to be requested"
        stopped = next((part for part in self.parts if part.asked and not part.true), None)
        return f"not requested, since {(stopped or self).condition} is not so"


def shown_partitions(keys: list[str | None]) -> tuple[str, ...]:
    """The first partitions, by name."""
    return tuple(key for key in keys[:_SHOWN] if key is not None)
