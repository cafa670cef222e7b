"""The one place where facts are kept: log, latest state, claims, runs, ticks, routes and cursors.

Belongs here: SQL, its schema and its migrations (the only user of SQLAlchemy and alembic), and the
protocol others see. Not here: what the facts mean (`bridge.status`), or when to write which
(`bridge.execution`,
the adapters).
"""

from typing import TYPE_CHECKING

from bridge.later import names_of

if TYPE_CHECKING:
    from bridge.store.backfilling import Made
    from bridge.store.backfills import Backfill, BackfillCounts, BackfillProgress, BackfillStatus
    from bridge.store.claims import Claim, ClaimMode
    from bridge.store.following import Change, Changes
    from bridge.store.protocol import Store
    from bridge.store.retention import Pruned, RetentionPolicy
    from bridge.store.routes import Route, RouteChange, RouteState
    from bridge.store.sql import open_store
    from bridge.store.state import AssetState, CheckState, DataState, PartitionState
    from bridge.store.summaries import PartitionSummary
    from bridge.store.ticks import InstigatorKind, InstigatorState, Lease, Pulse, Tick, TickStatus

# Each name is loaded when it is first used: a task needs a few of them.
_MODULES = {
    "backfilling": ("Made",),
    "backfills": (
        "Backfill",
        "BackfillCounts",
        "BackfillProgress",
        "BackfillStatus",
    ),
    "claims": (
        "Claim",
        "ClaimMode",
    ),
    "following": (
        "Change",
        "Changes",
    ),
    "protocol": ("Store",),
    "retention": (
        "Pruned",
        "RetentionPolicy",
    ),
    "routes": (
        "Route",
        "RouteChange",
        "RouteState",
    ),
    "sql": ("open_store",),
    "state": (
        "AssetState",
        "CheckState",
        "DataState",
        "PartitionState",
    ),
    "summaries": ("PartitionSummary",),
    "ticks": (
        "InstigatorKind",
        "InstigatorState",
        "Lease",
        "Pulse",
        "Tick",
        "TickStatus",
    ),
}

__all__ = [
    "AssetState",
    "Backfill",
    "BackfillCounts",
    "BackfillProgress",
    "BackfillStatus",
    "Change",
    "Changes",
    "CheckState",
    "Claim",
    "ClaimMode",
    "DataState",
    "InstigatorKind",
    "InstigatorState",
    "Lease",
    "Made",
    "PartitionState",
    "PartitionSummary",
    "Pruned",
    "Pulse",
    "RetentionPolicy",
    "Route",
    "RouteChange",
    "RouteState",
    "Store",
    "Tick",
    "TickStatus",
    "open_store",
]

__getattr__ = names_of(__name__, _MODULES)
