"""What automation conditions request, tick by tick, of a store in which things happen between."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import reduce
from itertools import count
from typing import Any

from bridge import AutomationCondition, Definitions, asset
from bridge.assets import AssetsDefinition
from bridge.automation.cursor import AutomationCursor
from bridge.automation_facts import evaluate_automation_conditions
from bridge.events import AssetEvent
from bridge.keys import AssetKey
from bridge.specs import AssetSpec
from bridge.store import Store, open_store
from tests.conformance.partitions_of_cases import instant, partitions_of

CASES = "automation.json"
of = AutomationCondition

_OF_SEVERAL: dict[
    str, Callable[[AutomationCondition, AutomationCondition], AutomationCondition]
] = {
    "and": lambda one, other: one & other,
    "or": lambda one, other: one | other,
}
_OF_ONE: dict[str, Callable[[AutomationCondition], AutomationCondition]] = {
    "not": lambda one: ~one,
    "newly_true": AutomationCondition.newly_true,
    "since_last_handled": AutomationCondition.since_last_handled,
    "any_deps_match": of.any_deps_match,
    "all_deps_match": of.all_deps_match,
    "any_checks_match": of.any_checks_match,
    "all_checks_match": of.all_checks_match,
}
_OF_BASE: dict[str, Callable[[AutomationCondition, dict[str, Any]], AutomationCondition]] = {
    "without": lambda base, stated: base.without(condition_of(stated["remove"])),
    "replace": lambda base, stated: base.replace(
        condition_of(stated["old"]), condition_of(stated["new"])
    ),
    "allow": lambda base, stated: base.allow(stated["selection"]),
    "ignore": lambda base, stated: base.ignore(stated["selection"]),
}


def left_out(_case: dict[str, Any], _document: dict[str, Any]) -> str | None:
    return None


def condition_of(stated: Any) -> AutomationCondition:
    if isinstance(stated, str):
        stated = {"op": stated}
    op = stated["op"]
    if op in _OF_SEVERAL:
        return reduce(_OF_SEVERAL[op], map(condition_of, stated["args"]))
    if op in _OF_ONE:
        return _OF_ONE[op](condition_of(stated["arg"]))
    if op in _OF_BASE:
        return _OF_BASE[op](condition_of(stated["base"]), stated)
    if op == "since":
        return condition_of(stated["trigger"]).since(condition_of(stated["reset"]))
    made: AutomationCondition = getattr(of, op)(*_given(stated))
    return made


def _given(stated: dict[str, Any]) -> list[Any]:
    """The arguments of a condition that is made of no others."""
    if "cron" in stated:
        return [stated["cron"], stated.get("timezone", "UTC")]
    return [timedelta(seconds=stated["lookback_s"])] if "lookback_s" in stated else []


class Story:
    """The definitions of one case, and what has happened to its assets."""

    def __init__(self, case: dict[str, Any], store: Store) -> None:
        self.declared: dict[str, dict[str, Any]] = dict(case["assets"])
        self.store = store
        self.cursor: AutomationCursor | None = None
        self._reports = count()
        self._add_partitions(case.get("dynamic_partitions", {}))

    def requested(self, step: dict[str, Any]) -> list[str]:
        """What the tick of a step requests, after what happens before it."""
        at = instant(step["at"])
        self.declared |= step.get("redefine", {})
        self._add_partitions(step.get("add_partitions", {}))
        self._materialize(step.get("materialize", []), at - timedelta(seconds=10))
        result = evaluate_automation_conditions(
            self.definitions(), self.store, evaluation_time=at, cursor=self.cursor
        )
        self.cursor = result.cursor
        found = sorted(
            name if partition is None else f"{name}@{partition}"
            for name in self.declared
            for partition in result.get_requested_partitions(AssetKey.parse(name))
        )
        if step.get("fulfil"):
            self._materialize(found, at + timedelta(seconds=20))
        return found

    def definitions(self) -> Definitions:
        return Definitions([self._asset(name, each) for name, each in self.declared.items()])

    def _asset(self, name: str, declared: dict[str, Any]) -> AssetsDefinition | AssetSpec:
        cut, condition = declared.get("partitions"), declared.get("condition")
        described: dict[str, Any] = {
            "deps": [AssetKey.parse(dep) for dep in declared.get("deps", ())],
            "partitions_def": partitions_of(cut) if cut else None,
            "automation_condition": None if condition is None else condition_of(condition),
            "code_version": declared.get("code_version"),
        }
        if declared.get("external"):
            return AssetSpec(AssetKey.parse(name), **described)

        @asset(key=AssetKey.parse(name), **described)
        def function() -> None: ...

        return function

    def _add_partitions(self, added: dict[str, list[str]]) -> None:
        for name, keys in added.items():
            self.store.add_dynamic_partitions(name, keys)

    def _materialize(self, names: list[str], at: datetime) -> None:
        for name in names:
            key, _, partition = name.partition("@")
            event = AssetEvent(
                kind="materialization",
                key=AssetKey.parse(key),
                partition=partition or None,
                happened_at=at,
                source=f"report:{next(self._reports)}",
            )
            self.store.record([event])


def test_conditions_request_what_they_do_in_the_reference(case: dict[str, Any]) -> None:
    store = open_store("sqlite://")
    story = Story(case, store)

    found = [story.requested(step) for step in case["steps"]]

    store.close()
    assert found == [step["expect_requested"] for step in case["steps"]]
