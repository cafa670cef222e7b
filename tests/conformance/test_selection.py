"""Selection strings on the stated graphs."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import pytest

from bridge import AssetGraph, AssetKey, AssetSpec, asset, asset_check
from bridge.assets import AssetsDefinition
from bridge.checks import AssetChecksDefinition
from bridge.errors import SelectionError
from bridge.selection import select

CASES = "selection.json"
_LATER = re.compile(r"\b(is|partitions)\s*:", re.IGNORECASE)
_KEYS = re.compile(r"\bkey\s*:\s*(?:\"[^\"]*\"|[^\s()+]+)", re.IGNORECASE)
_ROOTS = re.compile(r"\broots\s*\(", re.IGNORECASE)
_JOINTS = re.compile(r"\b(and|or)\b(\s+not\b)*", re.IGNORECASE)
_NOTS = re.compile(r"(^|\()(\s*not\b)+", re.IGNORECASE)


def left_out(  # noqa: PLR0911 - one line a reason
    case: dict[str, Any], document: dict[str, Any]
) -> str | None:
    if "oracle_notes" in case:
        return "the reference notes that it is inconsistent here"
    text = case["selection"]
    found = _LATER.search(text)
    if found:
        return f"there is no attribute {found[1].lower()}: yet"
    graph = built(json.dumps(document["graphs"][case["graph"]]))
    if not touches_outside(graph, text):
        return None
    if case["include_external"] and "+" in text:
        return "a walk goes through outside assets, in the reference it ends before them"
    if not case["include_external"] and _ROOTS.search(text):
        return "roots(...) counts outside assets, in the reference only where they are included"
    if not case["include_external"] and any(touches_outside(graph, k) for k in _KEYS.findall(text)):
        return "a key: of an outside asset names it only where outside assets are included"
    return None


def touches_outside(graph: AssetGraph, text: str) -> bool:
    """Whether any part of a selection, taken alone, names an outside asset."""
    parts = _NOTS.sub(r"\1", _JOINTS.sub("or", text))
    try:
        return any(not graph.nodes[key].is_executable for key in select(graph, parts))
    except SelectionError:
        return False


@cache
def built(text: str) -> AssetGraph:
    """The graph that a file states; partitions play no part in selecting yet."""
    items: list[AssetsDefinition | AssetSpec] = []
    checks: list[AssetChecksDefinition] = []
    for name, declared in json.loads(text).items():
        key = AssetKey.parse(name)
        settings: dict[str, Any] = {
            "deps": [AssetKey.parse(dep) for dep in declared.get("deps", ())],
            "group_name": declared.get("group"),
            "owners": declared.get("owners", ()),
            "tags": declared.get("tags"),
            "kinds": declared.get("kinds", ()),
        }
        if declared.get("external"):
            items.append(AssetSpec(key, **settings))
        else:
            items.append(asset(key=key, **settings)(lambda: None))
        checks.extend(
            asset_check(asset=key, name=check)(lambda: True) for check in declared.get("checks", ())
        )
    return AssetGraph.build(items, checks)


def answer(graph: AssetGraph, case: dict[str, Any]) -> dict[str, list[str]]:
    keys = select(graph, case["selection"])
    if not case["include_external"]:
        keys = {key for key in keys if graph.nodes[key].is_executable}
    return {
        "assets": sorted(map(str, keys)),
        "checks": sorted(
            f"{key}:{check.name}" for key in keys for check in graph.nodes[key].checks
        ),
    }


def test_a_selection_names_what_it_does_in_the_reference(
    case: dict[str, Any], document: dict[str, Any]
) -> None:
    graph = built(json.dumps(document["graphs"][case["graph"]]))

    if case["expect"].get("error"):
        with pytest.raises(SelectionError):
            answer(graph, case)
    else:
        assert answer(graph, case) == case["expect"]
