"""Circles in what comes before what, and where each is opened. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar


class _Sortable(Protocol):
    def __lt__(self, other: Any, /) -> bool: ...
    def __hash__(self) -> int: ...


T = TypeVar("T", bound=_Sortable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Circle(Generic[T]):
    """Things that come before each other: circles with a thing in common are one.

    `way` is the shortest of them, from its first thing by name. `opened` are the steps that close
    a circle: without them there is none.
    """

    things: frozenset[T]
    way: tuple[T, ...]
    opened: tuple[tuple[T, T], ...]


def circles_of(steps: Iterable[tuple[T, T]]) -> list[Circle[T]]:
    """The circles among steps from one thing to another, by their first thing; equal steps in
    another order give equal circles.
    """
    after: dict[T, list[T]] = {}
    for source, target in sorted(set(steps)):
        after.setdefault(source, []).append(target)
        after.setdefault(target, [])
    groups: list[tuple[set[T], list[tuple[T, ...]]]] = []
    for way in _closed_ways(after):
        things, ways = set(way), [way]
        apart = []
        for group in groups:
            if things & group[0]:
                things |= group[0]
                ways = [*group[1], *ways]
            else:
                apart.append(group)
        groups = [*apart, (things, ways)]
    circles = [
        Circle(
            things=frozenset(things),
            way=_from_first(min(ways, key=lambda way: (len(way), _from_first(way)))),
            opened=tuple(sorted((way[-1], way[0]) for way in ways)),
        )
        for things, ways in groups
    ]
    return sorted(circles, key=lambda circle: circle.way)


def _closed_ways(after: Mapping[T, list[T]]) -> Iterator[tuple[T, ...]]:
    """For each step back to a thing on the way to it, that way, walking in the order of names."""
    done: set[T] = set()
    for start in sorted(after):
        if start in done:
            continue
        place = {start: 0}
        way = [start]
        rest = [iter(after[start])]
        while way:
            following = next(rest[-1], None)
            if following is None:
                rest.pop()
                done.add(way[-1])
                del place[way.pop()]
            elif following in place:
                yield tuple(way[place[following] :])
            elif following not in done:
                place[following] = len(way)
                way.append(following)
                rest.append(iter(after[following]))


def _from_first(way: tuple[T, ...]) -> tuple[T, ...]:
    first = way.index(min(way))
    return way[first:] + way[:first]
