"""What people and scripts report of assets from outside of any run."""

from __future__ import annotations

import getpass
import socket
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TypeAlias

from bridge.checks import AssetCheckSeverity
from bridge.errors import DefinitionError
from bridge.events import AssetEvent, CheckOutcome, EventKind, Severity, metadata_values
from bridge.keys import AssetKey, CoercibleToAssetKey
from bridge.project import find_project
from bridge.store import Store, open_store


@dataclass(frozen=True, slots=True)
class AssetMaterialization:
    """That something else materialized an asset, or one partition of it."""

    asset_key: CoercibleToAssetKey
    description: str | None = None
    metadata: Mapping[str, object] | None = None
    partition: str | None = None
    data_version: str | None = None


@dataclass(frozen=True, slots=True)
class AssetObservation:
    """That somebody looked at an asset, or at one partition of it, without changing it."""

    asset_key: CoercibleToAssetKey
    description: str | None = None
    metadata: Mapping[str, object] | None = None
    partition: str | None = None
    data_version: str | None = None


@dataclass(frozen=True, slots=True)
class AssetCheckEvaluation:
    """That something else checked an asset, or one partition of it."""

    asset_key: CoercibleToAssetKey
    check_name: str
    passed: bool
    metadata: Mapping[str, object] | None = None
    severity: AssetCheckSeverity = AssetCheckSeverity.ERROR
    description: str | None = None
    blocking: bool = False
    partition: str | None = None


Reported: TypeAlias = "AssetMaterialization | AssetObservation | AssetCheckEvaluation"
_KINDS = (AssetMaterialization, AssetObservation, AssetCheckEvaluation)


def report(
    reports: Reported | Iterable[Reported],
    *,
    store: Store | None = None,
    happened_at: datetime | None = None,
    source: str | None = None,
) -> int:
    """Record what happened outside, now unless told when, and return how much of it was new.

    Without `store`, in the one that the project around the current folder names. `source` says who
    says so; the same report of the same source is one however often it is told, so that without
    one each call is news. Raises DefinitionError for metadata that cannot be stored.
    """
    several = (reports,) if isinstance(reports, _KINDS) else tuple(reports)
    at = happened_at or datetime.now(timezone.utc)
    events = [event_of(each, at, source or reporter()) for each in several]
    if store is not None:
        return store.record(events)
    opened = open_store(find_project().store_url)
    try:
        return opened.record(events)
    finally:
        opened.close()


def event_of(reported: Reported, happened_at: datetime, source: str) -> AssetEvent:
    """A report as the fact that is recorded."""
    if not isinstance(reported, _KINDS):
        raise DefinitionError(
            f"{reported!r} is no report: give an AssetMaterialization, an AssetObservation or an "
            "AssetCheckEvaluation."
        )
    check = None
    kind: EventKind = "observation"
    if isinstance(reported, AssetCheckEvaluation):
        severity: Severity = AssetCheckSeverity(reported.severity).value
        kind = "check"
        check = CheckOutcome(reported.check_name, reported.passed, severity, reported.blocking)
    elif isinstance(reported, AssetMaterialization):
        kind = "materialization"
    version = getattr(reported, "data_version", None)
    return AssetEvent(
        kind=kind,
        key=AssetKey.from_coercible(reported.asset_key),
        partition=reported.partition,
        happened_at=happened_at,
        source=source,
        data_version=None if version is None else str(version),
        check=check,
        message=reported.description,
        metadata=metadata_values(reported.metadata),
    )


def reporter() -> str:
    """A source that no other report has: who reports, where, and a number."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container without an entry for the user
        user = "unknown"
    return f"report:{user}@{socket.gethostname()}/{uuid.uuid4().hex[:12]}"
