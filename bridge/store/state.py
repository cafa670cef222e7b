"""The latest state of an asset, of one of its partitions, and of one of its checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Literal, NamedTuple, TypeAlias

from bridge.events import PlainValue, Severity
from bridge.keys import AssetKey
from bridge.store.times import to_micros

Activity: TypeAlias = Literal["started", "materialization", "failure"]


class AssetState(NamedTuple):
    """What is known of an asset as a whole; a time is None where it never happened.

    `activity` is what happened last among started, materialization and failure, over all
    partitions. A named tuple, since thousands are read at once.
    """

    key: AssetKey
    activity: Activity | None = None
    activity_at: datetime | None = None
    activity_source: str | None = None
    activity_partition: str | None = None
    message: str | None = None
    materialized_at: datetime | None = None
    materialized_source: str | None = None
    materialized_partition: str | None = None
    code_version: str | None = None
    data_version: str | None = None
    duration_s: float | None = None
    row_count: int | None = None
    output_type: str | None = None
    observed_at: datetime | None = None
    metadata: Mapping[str, PlainValue] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class PartitionState:
    """What happened last in one partition, and when it was last materialized."""

    partition: str
    activity: Activity
    activity_at: datetime
    materialized_at: datetime | None
    source: str


class DataState(NamedTuple):
    """The newest data of an asset or partition, and what it was made from.

    `data_version` is None where nobody knows one; `input_versions` where nothing is known of what
    was read. A named tuple, since thousands are read at once.
    """

    materialized_at: datetime | None = None
    duration_s: float | None = None
    code_version: str | None = None
    data_version: str | None = None
    input_versions: Mapping[str, str] | None = None
    observed_version_at: datetime | None = None
    observed_version: str | None = None

    @property
    def version(self) -> str | None:
        """The data's version, or one that only this materialization has; None where none was."""
        if self.materialized_at is None or self.data_version is not None:
            return self.data_version
        return f"@{to_micros(self.materialized_at):x}"


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
