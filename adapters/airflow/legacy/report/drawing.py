"""DAG-to-DAG flow as boxes in layers and the curves between them, in pixels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from adapters.airflow.legacy.circles import circles_of
from adapters.airflow.legacy.flow import Flow

MOST_TIED = 60  # more are a ball of wool; the table says the same
MOST_BOXES = 120  # more take too long to look through
_WIDTH, _HEIGHT = 196, 48
_GAP_X, _GAP_Y, _GAP_BETWEEN, _MARGIN = 76, 16, 32, 16
_SWEEPS = 4
_SEEN_AT_ONCE = 11
# What fits into a box in the widest of the fonts that a machine may have.
_NAME_AT_MOST, _DETAIL_AT_MOST = 20, 25
_TOLD_AT_MOST = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """One DAG; `x` and `y` are its upper left corner."""

    name: str
    label: str
    detail: str
    x: int
    y: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """From one box to another; `kind` is `data`, `start` (no data) or `back` (closes a circle)."""

    path: str
    kind: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """All of it. `width` and `height` hold every box."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    curves: tuple[Curve, ...]
    box_width: int = _WIDTH
    box_height: int = _HEIGHT


def drawing_of(flows: Sequence[Flow], details: Mapping[str, str]) -> Drawing | None:
    """DAGs that give to or take from another, from left to right, those that are tied to each other
    together, the most first; None where there is none or all are too many.

    `details` is the second line in a DAG's box.
    """
    between: dict[tuple[str, str], list[Flow]] = {}
    for flow in flows:
        between.setdefault((flow.source, flow.target), []).append(flow)
    back = {step for circle in circles_of(between) for step in circle.opened}
    places: dict[str, tuple[int, int]] = {}
    below = _MARGIN
    for names in _tied(between):
        if len(names) > MOST_TIED or len(places) + len(names) > MOST_BOXES:
            continue
        forward = [edge for edge in between if edge[0] in names and edge not in back]
        found = _places(_layers(sorted(names), forward), below)
        below = max(y for _, y in found.values()) + _HEIGHT + _GAP_BETWEEN
        places |= found
    if not places:
        return None
    return Drawing(
        width=max(x for x, _ in places.values()) + _WIDTH + _MARGIN,
        height=max(y for _, y in places.values()) + _HEIGHT + _MARGIN,
        boxes=tuple(
            Box(name=name, label=_short(name), detail=_cut(details.get(name, "")), x=x, y=y)
            for name, (x, y) in places.items()
        ),
        curves=tuple(
            _curve(places, edge, found, is_back=edge in back)
            for edge, found in sorted(between.items())
            if edge[0] in places
        ),
    )


def _tied(edges: Iterable[tuple[str, str]]) -> list[set[str]]:
    """DAGs that are tied to each other in any way, the largest such set first."""
    beside: dict[str, set[str]] = {}
    for source, target in edges:
        beside.setdefault(source, set()).add(target)
        beside.setdefault(target, set()).add(source)
    found: list[set[str]] = []
    seen: set[str] = set()
    for name in sorted(beside):
        if name in seen:
            continue
        together, waiting = {name}, [name]
        while waiting:
            new = beside[waiting.pop()] - together
            together |= new
            waiting += new
        seen |= together
        found.append(together)
    return sorted(found, key=lambda names: (-len(names), min(names)))


def _layers(names: Sequence[str], forward: Sequence[tuple[str, str]]) -> list[list[str]]:
    """Each DAG right of all that come before it, near in height to what it is tied to."""
    before: dict[str, list[str]] = {name: [] for name in names}
    after: dict[str, list[str]] = {name: [] for name in names}
    for source, target in sorted(forward):
        before[target].append(source)
        after[source].append(target)
    depth: dict[str, int] = {}
    waiting = {name: len(before[name]) for name in names}
    ready = [name for name in names if not waiting[name]]
    while ready:
        name = ready.pop(0)
        depth[name] = max((depth[each] + 1 for each in before[name]), default=0)
        for each in after[name]:
            waiting[each] -= 1
            if not waiting[each]:
                ready.append(each)
    layers: list[list[str]] = [[] for _ in range(max(depth.values()) + 1)]
    for name in names:
        layers[depth[name]].append(name)
    for sweep in range(_SWEEPS):
        ties, order = (before, layers) if sweep % 2 == 0 else (after, layers[::-1])
        heights = _heights(layers)
        for layer in order:
            layer.sort(key=lambda name: _mean([heights[n] for n in ties[name]], heights[name]))
            heights.update(_heights([layer]))
    return layers


def _heights(layers: Sequence[Sequence[str]]) -> dict[str, float]:
    """How far down each stands, in boxes from the middle of its layer."""
    return {
        name: index - (len(layer) - 1) / 2 for layer in layers for index, name in enumerate(layer)
    }


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _places(layers: Sequence[Sequence[str]], below: int) -> dict[str, tuple[int, int]]:
    tallest = max(len(layer) for layer in layers)
    step = _HEIGHT + _GAP_Y
    # Beside more than fit on a screen, one in their middle would be out of sight.
    lower = step if tallest <= _SEEN_AT_ONCE else 0
    return {
        name: (
            _MARGIN + column * (_WIDTH + _GAP_X),
            below + lower * (tallest - len(layer)) // 2 + row * step,
        )
        for column, layer in enumerate(layers)
        for row, name in enumerate(layer)
    }


def _curve(
    places: Mapping[str, tuple[int, int]],
    edge: tuple[str, str],
    found: Sequence[Flow],
    *,
    is_back: bool,
) -> Curve:
    (x0, y0), (x1, y1) = places[edge[0]], places[edge[1]]
    start, end = (x0 + _WIDTH, y0 + _HEIGHT // 2), (x1, y1 + _HEIGHT // 2)
    bend = _GAP_X // 2 + abs(end[0] - start[0]) // 6
    path = (
        f"M{start[0]} {start[1]}C{start[0] + bend} {start[1]} "
        f"{end[0] - bend} {end[1]} {end[0]} {end[1]}"
    )
    has_data = any(flow.way == "data" for flow in found)
    said = [f"{flow.source} {flow.words} {flow.target}" for flow in found[:_TOLD_AT_MOST]]
    if len(found) > _TOLD_AT_MOST:
        said.append(f"and {len(found) - _TOLD_AT_MOST} more")
    kind = "back" if is_back else "data" if has_data else "start"
    return Curve(path=path, kind=kind, title="\n".join(said))


def _short(name: str) -> str:
    """Without its middle, where it is long: DAGs of one family differ at the end."""
    half = _NAME_AT_MOST // 2
    return name if len(name) <= _NAME_AT_MOST else f"{name[: half - 1]}…{name[-half:]}"


def _cut(text: str) -> str:
    return text if len(text) <= _DETAIL_AT_MOST else f"{text[: _DETAIL_AT_MOST - 1]}…"
