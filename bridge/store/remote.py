"""Runs of ours that another system does: begun, followed and ended without a process of ours."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bridge.events import AssetEvent
from bridge.keys import AssetKey
from bridge.runs import RemotePart, RemoteRun, Run
from bridge.store import schema
from bridge.store.times import to_micros


def begin(connection: Connection, run_id: str, remote: RemoteRun, now: datetime) -> bool:
    """Take a run out of the queue for another system; False where it is not there any more.

    It has no lease: no process of ours has to live for it to go on.
    """
    table = schema.run
    result = connection.execute(
        sa.update(table)
        .where(table.c.id == run_id, table.c.status == "queued")
        .values(status="running", started_at=to_micros(now), remote=as_text(remote))
    )
    return result.rowcount > 0


def note(connection: Connection, run: Run) -> None:
    """Write down how far the other system is with a run, unless it has ended meanwhile."""
    table = schema.run
    connection.execute(
        sa.update(table)
        .where(table.c.id == run.id, table.c.status == "running")
        .values(remote=as_text(run.remote), message=run.message)
    )


def release_claims(connection: Connection, failures: Iterable[AssetEvent]) -> None:
    """Give back what those held who began these and did not end.

    The source of an event begins with the owner's name: another owner keeps what it holds.
    """
    table = schema.claim
    for event in failures:
        partition = event.partition or schema.WHOLE_ASSET
        place = sa.and_(table.c.key == str(event.key), table.c.partition == partition)
        owner = connection.execute(sa.select(table.c.owner).where(place)).scalar()
        if owner is not None and event.source.startswith(f"{owner}/"):
            connection.execute(
                sa.update(table).where(place, table.c.owner == owner).values(lease_until=0)
            )


def as_text(remote: RemoteRun | None) -> str | None:
    """What a run's row says of the other system."""
    if remote is None:
        return None
    parts = [
        {
            "stage": part.stage,
            "name": part.name,
            "id": part.id,
            "assets": [str(key) for key in part.assets],
            "partition": part.partition,
            "is_range": part.is_range,
            "state": part.state,
            "link": part.link,
            "message": part.message,
        }
        for part in remote.parts
    ]
    return json.dumps({"place": remote.place, "parts": parts})


def from_text(text: str | None) -> RemoteRun | None:
    """What `as_text` wrote."""
    if text is None:
        return None
    values: dict[str, Any] = json.loads(text)
    parts = tuple(
        RemotePart(**{**part, "assets": tuple(map(AssetKey.parse, part["assets"]))})
        for part in values["parts"]
    )
    return RemoteRun(place=values["place"], parts=parts)
