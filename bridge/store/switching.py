"""Routes, their changes, and cursors in SQL."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bridge.errors import RefusedError
from bridge.keys import AssetKey
from bridge.store import schema
from bridge.store.routes import Route, RouteChange
from bridge.store.times import from_micros, to_micros


def route(connection: Connection, unit: str) -> Route | None:
    """Who owns one legacy task."""
    table = schema.route
    row = connection.execute(sa.select(table).where(table.c.unit == unit)).mappings().first()
    return None if row is None else _route(row)


def routes(connection: Connection) -> list[Route]:
    """All routes, by unit."""
    query = sa.select(schema.route).order_by(schema.route.c.unit)
    return [_route(row) for row in connection.execute(query).mappings()]


def change(
    connection: Connection,
    new: Route,
    *,
    actor: str,
    reason: str,
    now: datetime,
    expected: Route | None,
    reverts: str | None,
) -> RouteChange:
    """Set a route and note it. Raises RefusedError if it is no longer `expected`."""
    table = schema.route
    locked = sa.select(table).where(table.c.unit == new.unit).with_for_update()
    row = connection.execute(locked).mappings().first()
    before = None if row is None else _route(row)
    if before != expected:
        raise RefusedError(
            f"{new.unit} was {'without a route' if expected is None else expected.state} a moment "
            f"ago and is {'without a route' if before is None else before.state} now: somebody "
            "changed it. Look again."
        )
    values = _plain(new)
    if before is None:
        try:
            connection.execute(sa.insert(table).values(**values))
        except sa.exc.IntegrityError as error:
            raise RefusedError(f"{new.unit} got a route just now: look again.") from error
    else:
        connection.execute(sa.update(table).where(table.c.unit == new.unit).values(**values))
    inserted = connection.execute(
        sa.insert(schema.route_change).values(
            changed_at=to_micros(now),
            unit=new.unit,
            actor=actor,
            reason=reason,
            before=None if before is None else json.dumps(_plain(before)),
            after=json.dumps(values),
            reverts=reverts,
        )
    )
    primary = inserted.inserted_primary_key
    assert primary is not None  # noqa: S101 - of one inserted row
    return RouteChange(
        id=_change_id(primary[0]),
        changed_at=now,
        actor=actor,
        reason=reason,
        before=before,
        after=new,
        reverts=reverts,
    )


def changes(connection: Connection, unit: str | None, limit: int) -> list[RouteChange]:
    """Changes of routes, newest first."""
    table = schema.route_change
    query = sa.select(table).order_by(table.c.number.desc()).limit(limit)
    if unit is not None:
        query = query.where(table.c.unit == unit)
    return [
        RouteChange(
            id=_change_id(row.number),
            changed_at=from_micros(row.changed_at),
            actor=row.actor,
            reason=row.reason,
            before=None if row.before is None else _route(json.loads(row.before)),
            after=_route(json.loads(row.after)),
            reverts=row.reverts,
        )
        for row in connection.execute(query)
    ]


def cursor(connection: Connection, name: str) -> str | None:
    """A noted position."""
    table = schema.cursor
    value = connection.execute(sa.select(table.c.value).where(table.c.name == name)).scalar()
    return None if value is None else str(value)


def set_cursor(connection: Connection, name: str, value: str) -> None:
    """Note a position."""
    statement = sa.text(
        "INSERT INTO bridge_cursor (name, value) VALUES (:name, :value) "
        "ON CONFLICT (name) DO UPDATE SET value = excluded.value"
    )
    connection.execute(statement, {"name": name, "value": value})


def _plain(value: Route) -> dict[str, str]:
    return {
        "unit": value.unit,
        "state": value.state,
        "assets": json.dumps([str(key) for key in value.assets]),
        "locations": json.dumps(list(value.locations)),
        "partition_by": value.partition_by,
    }


def _route(row: Any) -> Route:
    return Route(
        unit=row["unit"],
        state=row["state"],
        assets=tuple(AssetKey.parse(text) for text in json.loads(row["assets"])),
        locations=tuple(json.loads(row["locations"])),
        partition_by=row["partition_by"],
    )


def _change_id(number: int) -> str:
    return f"c-{number:04}"
