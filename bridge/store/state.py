"""The latest state of an asset, of one of its partitions, and of one of its checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from bridge.events import PlainValue, Severity
from bridge.keys import AssetKey

Activity: TypeAlias = Literal["started", "materialization", "failure"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetState:
    """What is known of an asset as a whole; a time is None where it never happened.

    `activity` is what happened last among started, materialization and failure, over all
    partitions.
    """

    key: AssetKey
    activity: Activity | None = None
    activity_at: datetime | None = None
    activity_source: str | None = None
    activity_partition: str | None = None
    materialized_at: datetime | None = None
    materialized_source: str | None = None
    materialized_partition: str | None = None
    observed_at: datetime | None = None
    code_version: str | None = None
    data_version: str | None = None
    duration_s: float | None = None
    row_count: int | None = None
    output_type: str | None = None
    message: str | None = None
    metadata: Mapping[str, PlainValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionState:
    """What happened last in one partition, and when it was last materialized."""

    partition: str
    activity: Activity
    activity_at: datetime
    materialized_at: datetime | None
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckState:
    """The newest answer of one check, of one partition or (None) of the whole asset."""

    key: AssetKey
    name: str
    partition: str | None
    passed: bool
    severity: Severity
    blocking: bool
    happened_at: datetime
    message: str | None
