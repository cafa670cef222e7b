"""What facts change of the latest state: of each asset, partition and check, the last told. Pure.

Rows are in the order of `log.event_rows`, and so are told as they happened.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple, TypeAlias

from bridge.store import schema
from bridge.store.summaries import FAILED, MATERIALIZED

Row: TypeAlias = dict[str, Any]

CARRIED = ("code_version", "data_version", "duration_s", "row_count", "output_type")
ACTIVITY = ("activity_at", "activity", "activity_source", "activity_partition", "message")
MATERIALIZED_FACTS = (
    "materialized_at",
    "materialized_source",
    "materialized_partition",
    *CARRIED,
    "metadata",
    "input_versions",
)
OBSERVED_AT = ("observed_at",)
OBSERVED = ("observed_version_at", "observed_version")
MADE = ("materialized_at", "duration_s", "code_version", "data_version", "input_versions")
PARTITION_ACTIVITY = ("activity_at", "activity", "source")
CHECKED = ("happened_at", "passed", "severity", "blocking", "message")

ASSET_COLUMNS = ("key", *ACTIVITY, *MATERIALIZED_FACTS, *OBSERVED_AT, *OBSERVED)
PARTITION_COLUMNS = ("key", "partition", "unsummarised", *PARTITION_ACTIVITY, *MADE)
CHECK_COLUMNS = ("key", "name", "partition", *CHECKED)
_NO_ASSET: Row = dict.fromkeys(ASSET_COLUMNS)
_NEVER: Row = dict.fromkeys(("happened_at", *MADE))
_COPIED = (*CARRIED, "metadata", "input_versions")


class Newest(NamedTuple):
    """Rows of the latest state, each asset, partition and check once, in an order of their own."""

    assets: list[Row]
    partitions: list[Row]
    checks: list[Row]


def newest(rows: Iterable[Row]) -> Newest:
    """What these facts say of the latest state; None stands for what they say nothing of."""
    active: dict[str, Row] = {}
    made: dict[str, Row] = {}
    observed: dict[str, Row] = {}
    versions: dict[str, Row] = {}
    active_in: dict[tuple[str, str], Row] = {}
    made_in: dict[tuple[str, str], Row] = {}
    checked: dict[tuple[str, str, str], Row] = {}
    for row in rows:
        kind, key, partition = row["kind"], row["key"], row["partition"]
        if kind == "check":
            checked[key, row["check_name"], partition or schema.WHOLE_ASSET] = row
        elif kind == "observation":
            observed[key] = row
            if row["data_version"] is not None:
                versions[key] = row
        else:
            active[key] = row
            if kind == "materialization":
                made[key] = row
            if partition is not None:
                active_in[key, partition] = row
                if kind == "materialization":
                    made_in[key, partition] = row
    keys = sorted({*active, *observed})
    return Newest(
        [_asset(k, active.get(k), made.get(k), observed.get(k), versions.get(k)) for k in keys],
        [_partition(name, row, made_in.get(name)) for name, row in active_in.items()],
        [_check(name, checked[name]) for name in sorted(checked)],
    )


def _asset(
    key: str, active: Row | None, made: Row | None, observed: Row | None, version: Row | None
) -> Row:
    found = _NO_ASSET | {"key": key}
    if active is not None:
        found["activity_at"] = active["happened_at"]
        found["activity"] = active["kind"]
        found["activity_source"] = active["source"]
        found["activity_partition"] = active["partition"]
        found["message"] = active["message"]
    if made is not None:
        found["materialized_at"] = made["happened_at"]
        found["materialized_source"] = made["source"]
        found["materialized_partition"] = made["partition"]
        for name in _COPIED:
            found[name] = made[name]
    if observed is not None:
        found["observed_at"] = observed["happened_at"]
    if version is not None:
        found["observed_version_at"] = version["happened_at"]
        found["observed_version"] = version["data_version"]
    return found


def _partition(name: tuple[str, str], active: Row, made: Row | None) -> Row:
    state = FAILED if active["kind"] == "failure" else 0
    if made is not None:
        state |= MATERIALIZED
    known = _NEVER if made is None else made
    return {
        "key": name[0],
        "partition": name[1],
        "unsummarised": state or None,  # of a partition not known before
        "activity_at": active["happened_at"],
        "activity": active["kind"],
        "source": active["source"],
        "materialized_at": known["happened_at"],
        "duration_s": known["duration_s"],
        "code_version": known["code_version"],
        "data_version": known["data_version"],
        "input_versions": known["input_versions"],
    }


def _check(name: tuple[str, str, str], row: Row) -> Row:
    found = {column: row[column] for column in CHECKED}
    return found | {"key": name[0], "name": name[1], "partition": name[2]}
