"""Claims in SQL: each decision is one statement, on the database's clock."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bridge.errors import ClaimLostError, ClaimRefusedError
from bridge.keys import AssetKey
from bridge.store import schema
from bridge.store.claims import Claim, ClaimMode
from bridge.store.prepared import Prepared, Transaction
from bridge.store.times import from_micros

_SECOND = 1_000_000
_CLOCKS = {
    "sqlite": "CAST((julianday('now') - 2440587.5) * 86400000000 AS INTEGER)",
    "postgresql": "CAST(extract(epoch from clock_timestamp()) * 1000000 AS BIGINT)",
}
# The same owner may come back with the same or a later attempt; anybody once the lease ran out.
_TAKE = """
INSERT INTO bridge_claim (key, partition, owner, attempt, mode, generation, lease_until)
VALUES (:key, :partition, :owner, :attempt, :mode, 1, {clock} + :lease)
ON CONFLICT (key, partition) DO UPDATE SET
  generation = bridge_claim.generation + CASE WHEN {goes_on} THEN 0 ELSE 1 END,
  mode = CASE WHEN {goes_on} THEN bridge_claim.mode ELSE excluded.mode END,
  owner = excluded.owner, attempt = excluded.attempt, lease_until = excluded.lease_until
WHERE bridge_claim.lease_until <= {clock}
   OR (bridge_claim.owner = excluded.owner AND bridge_claim.attempt <= excluded.attempt)
RETURNING generation, mode, lease_until
"""
_GOES_ON = (
    "bridge_claim.owner = excluded.owner AND bridge_claim.attempt = excluded.attempt"
    " AND bridge_claim.lease_until > 0"
)
_RENEW = """
UPDATE bridge_claim SET lease_until = {clock} + :lease
WHERE key = :key AND partition = :partition AND generation = :generation AND lease_until > 0
RETURNING lease_until
"""


_HOLDS = """
SELECT 1 FROM bridge_claim WHERE key = :key AND partition = :partition
 AND generation = :generation AND lease_until > {clock} + :lease
"""
_HOLD = """
UPDATE bridge_claim SET lease_until = CASE WHEN :release THEN 0 ELSE lease_until END
WHERE key = :key AND partition = :partition AND generation = :generation AND lease_until > 0
"""


def clock_of(dialect: str) -> str:
    """The database's own time in microseconds, as SQL."""
    return _CLOCKS[dialect]


_HOLDER = """
SELECT owner, attempt, lease_until FROM bridge_claim WHERE key = :key AND partition = :partition
"""


class ClaimStatements:
    """The statements for one dialect's clock."""

    def __init__(self, dialect: str) -> None:
        clock = _CLOCKS[dialect]
        self.take = Prepared(sa.text(_TAKE.format(clock=clock, goes_on=_GOES_ON)), dialect)
        self.renew = Prepared(sa.text(_RENEW.format(clock=clock)), dialect)
        self.holds = Prepared(sa.text(_HOLDS.format(clock=clock)), dialect)
        self.hold = Prepared(sa.text(_HOLD), dialect)
        self.holder = Prepared(sa.text(_HOLDER), dialect)
        self.now = sa.text(f"SELECT {clock}")


def take(
    connection: Transaction,
    statements: ClaimStatements,
    *,
    key: AssetKey,
    partition: str | None,
    owner: str,
    attempt: int,
    mode: ClaimMode,
    lease_s: float,
) -> Claim:
    """Take or take up a claim. Raises ClaimRefusedError while another owner's lease lives."""
    wanted: dict[str, Any] = _primary(key, partition)
    wanted |= {"owner": owner, "attempt": attempt, "mode": mode, "lease": int(lease_s * _SECOND)}
    row = statements.take.first(connection, wanted)
    if row is None:
        raise _refusal(connection, statements, key, partition, owner)
    generation, granted, lease_until = row
    return Claim(
        key=key,
        partition=partition,
        owner=owner,
        attempt=attempt,
        mode=granted,
        generation=generation,
        lease_until=from_micros(lease_until),
    )


def renew(
    connection: Transaction, statements: ClaimStatements, claim: Claim, lease_s: float
) -> Claim:
    """Prolong a lease. Raises ClaimLostError if another writer took over."""
    row = _renewed(connection, statements, claim, lease_s)
    if row is None:
        raise _loss(claim)
    return Claim(
        key=claim.key,
        partition=claim.partition,
        owner=claim.owner,
        attempt=claim.attempt,
        mode=claim.mode,
        generation=claim.generation,
        lease_until=from_micros(row[0]),
    )


def holds(connection: Connection, statements: ClaimStatements, claim: Claim, for_s: float) -> bool:
    """Whether nobody took over and the lease lives that long at least."""
    values = _primary(claim.key, claim.partition)
    values |= {"generation": claim.generation, "lease": int(for_s * _SECOND)}
    return statements.holds.first(connection, values) is not None


def renew_all(
    connection: Connection, statements: ClaimStatements, claims: Iterable[Claim], lease_s: float
) -> list[Claim]:
    """Prolong the leases of those that still hold; the others are returned."""
    return [
        claim
        for claim in in_turn(claims)
        if _renewed(connection, statements, claim, lease_s) is None
    ]


def _renewed(
    connection: Transaction, statements: ClaimStatements, claim: Claim, lease_s: float
) -> Any:
    values = _primary(claim.key, claim.partition)
    values |= {"generation": claim.generation, "lease": int(lease_s * _SECOND)}
    return statements.renew.first(connection, values)


def turn(place: tuple[AssetKey, str | None]) -> tuple[str, str]:
    """The order in which several claims are touched: who keeps it never waits in a circle."""
    return str(place[0]), place[1] or schema.WHOLE_ASSET


def in_turn(claims: Iterable[Claim]) -> list[Claim]:
    """These claims in the order of `turn`."""
    return sorted(claims, key=lambda claim: turn((claim.key, claim.partition)))


def require_newest(
    connection: Transaction, statements: ClaimStatements, claim: Claim, *, release: bool
) -> None:
    """Raise ClaimLostError unless nobody took over; holds until the transaction ends."""
    if not _hold(connection, statements, claim, release=release):
        raise _loss(claim)


def release(connection: Transaction, statements: ClaimStatements, claim: Claim) -> None:
    """Give the claim back; the row stays, so that generations never repeat."""
    _hold(connection, statements, claim, release=True)


def _hold(
    connection: Transaction, statements: ClaimStatements, claim: Claim, *, release: bool
) -> bool:
    values = _primary(claim.key, claim.partition)
    values |= {"generation": claim.generation, "release": release}
    return statements.hold(connection, values).rowcount > 0


def living(connection: Connection, statements: ClaimStatements) -> list[Claim]:
    """All claims whose lease lives."""
    now = connection.execute(statements.now).scalar()
    table = schema.claim
    query = (
        sa.select(table).where(table.c.lease_until > now).order_by(table.c.key, table.c.partition)
    )
    return [
        Claim(
            key=AssetKey.parse(row.key),
            partition=row.partition or None,
            owner=row.owner,
            attempt=row.attempt,
            mode=row.mode,
            generation=row.generation,
            lease_until=from_micros(row.lease_until),
        )
        for row in connection.execute(query)
    ]


def _primary(key: AssetKey, partition: str | None) -> dict[str, Any]:
    return {"key": str(key), "partition": partition or schema.WHOLE_ASSET}


def _refusal(
    connection: Transaction,
    statements: ClaimStatements,
    key: AssetKey,
    partition: str | None,
    owner: str,
) -> ClaimRefusedError:
    found = statements.holder.first(connection, _primary(key, partition))
    what = f"{key} partition {partition}" if partition else str(key)
    if found is None:
        return ClaimRefusedError(f"{what} is being claimed by another writer. Try again.")
    holder, attempt, lease_until = found
    if holder == owner:
        return ClaimRefusedError(
            f"{what}: attempt {attempt} of {owner} has begun already, so this older one "
            "must not write."
        )
    return ClaimRefusedError(
        f"{what} is being written by {holder} until "
        f"{from_micros(lease_until):%H:%M:%S} UTC unless it prolongs. {owner} was refused "
        "and wrote nothing; try again when it has ended."
    )


def _loss(claim: Claim) -> ClaimLostError:
    what = f"{claim.key} partition {claim.partition}" if claim.partition else str(claim.key)
    return ClaimLostError(
        f"{what}: another writer took over from {claim.owner} while it worked. "
        "Nothing of this attempt was published or recorded."
    )
