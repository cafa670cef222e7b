"""Events: one fact, one id; and metadata as plain values."""

from __future__ import annotations

import json
import math
import uuid
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import AssetKey
from bridge.errors import DefinitionError
from bridge.events import AssetEvent, CheckOutcome, metadata_value

NOON = datetime(2024, 3, 1, 12, tzinfo=timezone.utc)
FACT = AssetEvent(
    kind="materialization", key=AssetKey("orders"), happened_at=NOON, source="airflow:x/d/r/t/-1/1"
)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def test_the_id_of_a_fact_never_changes() -> None:
    assert FACT.id == "2db5b10149ea5a8fbd9e3a4724e28dba"


@given(st.text(), st.lists(st.text(), min_size=1), st.none() | st.text())
def test_the_id_is_a_uuid_of_its_parts_as_json(
    source: str, path: list[str], partition: str | None
) -> None:
    fact = replace(FACT, source=source, key=AssetKey(path), partition=partition)

    name = json.dumps([source, path, partition, "materialization", None])
    namespace = uuid.UUID("8b2f5d1e-6a3c-5f0e-9d47-0c1b2a3d4e5f")
    assert fact.id == uuid.uuid5(namespace, name).hex


@pytest.mark.parametrize(
    "other",
    [
        {"source": "airflow:x/d/r/t/-1/2"},
        {"key": AssetKey(["orders", ""])},
        {"partition": "2024-03-01"},
        {"partition": ""},
        {"kind": "observation"},
    ],
)
def test_another_source_asset_partition_or_kind_is_another_fact(other: dict[str, Any]) -> None:
    assert replace(FACT, **other).id != FACT.id


@pytest.mark.parametrize(
    "other",
    [
        {"happened_at": NOON + timedelta(hours=1)},
        {"run_id": "r"},
        {"row_count": 1},
        {"metadata": {"a": 1}},
        {"message": "x"},
    ],
)
def test_who_tells_a_fact_better_tells_the_same_fact(other: dict[str, Any]) -> None:
    assert replace(FACT, **other).id == FACT.id


def test_two_checks_of_one_source_are_two_facts() -> None:
    one = replace(FACT, kind="check", check=CheckOutcome("rows", passed=True))
    other = replace(FACT, kind="check", check=CheckOutcome("nulls", passed=True))

    assert one.id != other.id


def test_an_event_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="has no time zone"):
        replace(FACT, happened_at=datetime(2024, 3, 1))  # noqa: DTZ001 - what is refused


@pytest.mark.parametrize(
    ("kind", "check"),
    [("check", None), ("materialization", CheckOutcome("rows", passed=True))],
)
def test_only_a_check_has_an_outcome(kind: Any, check: CheckOutcome | None) -> None:
    with pytest.raises(ValueError, match="do not go together"):
        replace(FACT, kind=kind, check=check)


@pytest.mark.parametrize(
    ("outcome", "stops"),
    [
        (CheckOutcome("c", passed=False), True),
        (CheckOutcome("c", passed=True), False),
        (CheckOutcome("c", passed=False, blocking=False), False),
        (CheckOutcome("c", passed=False, severity="WARN"), False),
    ],
)
def test_only_a_failed_blocking_error_stops_downstream(outcome: CheckOutcome, stops: bool) -> None:
    assert outcome.stops_downstream is stops


@given(PLAIN)
def test_plain_values_stay_as_they_are(value: Any) -> None:
    assert metadata_value("m", value) == value


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (np.int64(7), 7),
        (np.float64(0.5), 0.5),
        (np.bool_(True), True),
        (np.array(7), 7),
        (math.nan, "nan"),
        (math.inf, "inf"),
        (date(2024, 3, 1), "2024-03-01"),
        (NOON, "2024-03-01T12:00:00+00:00"),
        (pd.Timestamp("2024-03-01"), "2024-03-01T00:00:00"),
        (Path("/data/x"), "/data/x"),
        ((1, (2,)), [1, [2]]),
        ({1: np.int8(2)}, {"1": 2}),
    ],
)
def test_other_values_become_plain_json(value: Any, plain: Any) -> None:
    found = metadata_value("m", value)

    assert found == plain
    assert json.loads(json.dumps(found)) == plain


@pytest.mark.parametrize(
    "value",
    [object(), b"bytes", np.array([1, 2]), pd.Series([1, 2]), pd.DataFrame(), np.longdouble(1)],
)
def test_a_value_that_cannot_be_shown_is_refused(value: Any) -> None:
    with pytest.raises(DefinitionError, match=r"Metadata 'm' is a .* cannot be shown or stored"):
        metadata_value("m", value)
