"""The assets that conditions name: refused while a project loads where there are none."""

from __future__ import annotations

from collections.abc import Iterator

from bridge.conditions import (
    AnyDownstream,
    AssetMatches,
    AutomationCondition,
    Chosen,
    DepsMatch,
)
from bridge.errors import DefinitionError, SelectionError
from bridge.graph import AssetGraph
from bridge.keys import AssetKey
from bridge.places import Place


def require_named_assets(graph: AssetGraph) -> None:
    """Raise DefinitionError where a condition names an asset that no code location defines.

    Or a selection that cannot be read; one that selects nothing may do so another day.
    """
    known: set[int] = set()
    for owner, condition, place in _conditions(graph):
        if id(condition) in known:
            continue
        known.add(id(condition))
        for part in condition.walk():
            for chosen in _chosen(part):
                wrong = _wrong(graph, chosen)
                if wrong is not None:
                    raise DefinitionError(
                        f"The automation condition of {owner} names {wrong} At {place}"
                    )


def _conditions(graph: AssetGraph) -> Iterator[tuple[str, AutomationCondition, Place]]:
    for key, node in graph.nodes.items():
        if node.spec.automation_condition is not None:
            yield f"asset {key}", node.spec.automation_condition, node.spec.place
        for check in node.checks:
            for spec in check.specs:
                if spec.automation_condition is not None and spec.asset_key == key:
                    yield f"check {spec.name} of {key}", spec.automation_condition, check.place


def _chosen(part: AutomationCondition) -> tuple[Chosen, ...]:
    if isinstance(part, AssetMatches):
        return ((part.key,),)
    return (*part.allowed, *part.ignored) if isinstance(part, (DepsMatch, AnyDownstream)) else ()


def _wrong(graph: AssetGraph, chosen: Chosen) -> str | None:
    if isinstance(chosen, str):
        from bridge.selection import select  # noqa: PLC0415 - the grammar, only where it is needed

        try:
            select(graph, chosen, outside="walked")
        except SelectionError as error:
            return f"the selection {chosen!r}, which cannot be read: {error}"
        return None
    absent: AssetKey | None = next((key for key in chosen if key not in graph), None)
    if absent is None:
        return None
    return f"{absent}, which no code location defines.{graph.suggest(str(absent))}"
