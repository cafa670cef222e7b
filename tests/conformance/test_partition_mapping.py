"""Which partitions of an upstream and of a downstream asset belong together."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest

from bridge.errors import BridgeError, PartitionError
from bridge.partitions import (
    PartitionMapping,
    PartitionsDefinition,
    TimeWindowPartitionsDefinition,
    inferred_mapping,
)
from tests.conformance.partitions_of_cases import (
    KINDS,
    as_expected,
    instant,
    mapping_of,
    partitions_of,
)

CASES = "partition_mapping.json"


def left_out(case: dict[str, Any], _document: dict[str, Any]) -> str | None:
    if "oracle_notes" in case:
        return "the reference notes that it is inconsistent here"
    if is_answered_for_an_earlier_now(case):
        return "the reference answers from its cache, for the `now` of an earlier case"
    return None


def is_answered_for_an_earlier_now(case: dict[str, Any]) -> bool:
    """Whether nothing is expected of windows that exist on both sides.

    Dagster 1.13 caches the windows of keys without the `now` that decides which exist. Asked in a
    fresh process, it answers as we do.
    """
    mapping = case["mapping"] or {}
    is_upward = case["direction"] == "to_upstream"
    sides = ("downstream", "upstream") if is_upward else ("upstream", "downstream")
    if (
        mapping.get("kind") != "time_window"
        or mapping.keys() & {"start_offset", "end_offset"}
        or case["expect"].get("existing") != []
        or case["expect"].get("required_but_nonexistent")
    ):
        return False
    asked, other = (partitions_of(case[side]) for side in sides)
    assert isinstance(asked, TimeWindowPartitionsDefinition)
    assert isinstance(other, TimeWindowPartitionsDefinition)
    now = instant(case["now"])
    try:
        return any(
            asked.contains(key, now) and other.contains(other.key_for(asked.window(key).start), now)
            for key in case["keys"]
        )
    except PartitionError:
        return False


def asked(
    mapping: PartitionMapping,
    case: dict[str, Any],
    upstream: PartitionsDefinition,
    downstream: PartitionsDefinition | None,
) -> tuple[list[str], list[str]]:
    now = instant(case["now"])
    if case["direction"] == "to_upstream":
        found = mapping.upstream_partitions(case["keys"], downstream, upstream, now)
        return found.existing, found.required_but_nonexistent
    assert downstream is not None
    return mapping.downstream_partitions(case["keys"], upstream, downstream, now), []


def test_partitions_meet_as_in_the_reference(case: dict[str, Any]) -> None:
    upstream, expected = partitions_of(case["upstream"]), case["expect"]
    downstream = None if case["downstream"] is None else partitions_of(case["downstream"])
    stated = case["mapping"]
    mapping = mapping_of(stated) if stated else inferred_mapping(upstream, downstream)

    if "inferred" in case:
        assert isinstance(mapping, KINDS[case["inferred"]])
    with contextlib.nullcontext() if case["mapping_valid"] else pytest.raises(BridgeError):
        mapping.validate(upstream, downstream)
    if expected.get("error"):
        with pytest.raises(BridgeError):
            asked(mapping, case, upstream, downstream)
    else:
        found, needed = asked(mapping, case, upstream, downstream)
        assert as_expected(found, expected["existing"]) == expected["existing"]
        wanted = expected.get("required_but_nonexistent", [])
        assert as_expected(needed, wanted) == wanted
