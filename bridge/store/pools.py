"""Slots of pools in SQL: leases on the database's clock, so that who was killed frees them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bridge.store import schema
from bridge.store.claiming import clock_of
from bridge.store.prepared import Prepared

_SECOND = 1_000_000
_TAKE = """
INSERT INTO bridge_pool_slot (pool, slot, owner, lease_until)
VALUES (:pool, :slot, :owner, {clock} + :lease)
ON CONFLICT (pool, slot) DO UPDATE SET owner = excluded.owner, lease_until = excluded.lease_until
WHERE bridge_pool_slot.lease_until <= {clock}
RETURNING slot
"""
_RENEW = """
UPDATE bridge_pool_slot SET lease_until = {clock} + :lease
WHERE owner = :owner AND lease_until > 0
"""


class PoolStatements:
    """The statements for one dialect's clock."""

    def __init__(self, dialect: str) -> None:
        clock = clock_of(dialect)
        self.take = Prepared(sa.text(_TAKE.format(clock=clock)), dialect)
        self.renew = Prepared(sa.text(_RENEW.format(clock=clock)), dialect)


def take(
    connection: Connection,
    statements: PoolStatements,
    pool: str,
    limit: int,
    owner: str,
    lease_s: float,
) -> int | None:
    """A free slot of those below `limit`, None where all are taken."""
    for slot in range(limit):
        values: dict[str, Any] = {"pool": pool, "slot": slot, "owner": owner}
        if statements.take.first(connection, values | {"lease": int(lease_s * _SECOND)}):
            return slot
    return None


def renew(connection: Connection, statements: PoolStatements, owner: str, lease_s: float) -> None:
    """Prolong all slots of an owner."""
    statements.renew(connection, {"owner": owner, "lease": int(lease_s * _SECOND)})


def release(connection: Connection, owner: str, pool: str | None, slot: int | None) -> None:
    """Give a slot back, or, without its name, all of an owner."""
    table = schema.pool_slot
    query = sa.update(table).where(table.c.owner == owner)
    if pool is not None:
        query = query.where(table.c.pool == pool, table.c.slot == slot)
    connection.execute(query.values(lease_until=0))
