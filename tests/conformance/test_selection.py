"""Selection strings on the stated graphs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest

from bridge import AssetGraph, AssetKey, AssetSpec, asset, asset_check
from bridge.assets import AssetsDefinition
from bridge.checks import AssetChecksDefinition
from bridge.errors import SelectionError
from bridge.selection import Outside, select

CASES = "selection.json"


@dataclass(frozen=True, slots=True)
class Cut:
    """Partitions of a kind: selecting asks for nothing else."""

    kind: str

    def describe(self) -> dict[str, str | int]:
        return {"kind": self.kind}


def left_out(case: dict[str, Any], _document: dict[str, Any]) -> str | None:
    return "the reference notes that it is inconsistent here" if "oracle_notes" in case else None


@cache
def built(text: str) -> AssetGraph:
    """The graph that a file states."""
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
            "partitions_def": Cut(declared["partitions"]["kind"])
            if declared.get("partitions")
            else None,
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
    outside: Outside = "named" if case["include_external"] else "left_out"
    keys = select(graph, case["selection"], outside=outside)
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
