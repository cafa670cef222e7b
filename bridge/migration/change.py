"""Cutting a unit over and rolling it back: first gates and steps to read, then one transaction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from bridge.errors import RefusedError
from bridge.graph import AssetGraph
from bridge.migration.units import Gate, Unit
from bridge.store import Route, RouteChange, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What would happen to one route, and why it may or may not; nothing has been done yet."""

    unit: str
    before: Route | None
    after: Route
    gates: tuple[Gate, ...]
    steps: tuple[str, ...]
    reverts: str | None = None

    @property
    def is_safe(self) -> bool:
        """Whether no gate failed."""
        return all(gate.state != "failed" for gate in self.gates)

    @property
    def changes_nothing(self) -> bool:
        """Whether the route is so already."""
        return self.before == self.after

    def apply(self, store: Store, *, actor: str, reason: str, now: datetime) -> RouteChange:
        """Do it, in one audited transaction.

        Raises RefusedError if a gate failed or the route changed meanwhile.
        """
        if not self.is_safe:
            failed = "; ".join(gate.text for gate in self.gates if gate.state == "failed")
            raise RefusedError(f"{self.unit} was not changed: {failed}")
        return store.change_route(
            self.after,
            actor=actor,
            reason=reason,
            now=now,
            expected=self.before,
            reverts=self.reverts,
        )


def cutover(
    unit: Unit,
    graph: AssetGraph,
    store: Store,
    *,
    locations: tuple[str, ...],
    gates: Iterable[Gate] = (),
) -> Change:
    """The change after which the legacy task runs its assets instead of its own code."""
    before = store.route(unit.name)
    after = Route(
        unit=unit.name,
        state="migrated",
        assets=unit.assets,
        locations=locations,
        partition_by=unit.partition_by,
    )
    keys = ", ".join(map(str, unit.assets))
    return Change(
        unit=unit.name,
        before=before,
        after=after,
        gates=(*_own_gates(unit, graph, store), *gates),
        steps=(
            f"make the legacy task {unit.short_name} compute {keys} at its place in the same DAG "
            "run",
            "leave its DAG, its file, its schedule and its history as they are",
            f"refuse any second writer of the same partition of {keys}",
        ),
    )


def rollback(name: str, store: Store) -> Change:
    """The change that undoes the newest cut-over of a unit, or one change by its id (`c-0001`).

    Raises RefusedError where there is nothing to undo, or where the unit was changed again since.
    """
    history = store.route_changes(limit=10_000)
    found = next((c for c in history if name in (c.id, c.after.unit)), None)
    if found is None:
        raise RefusedError(f"There is no change {name} to undo. `bridge migrate status` lists all.")
    newest = next(c for c in history if c.after.unit == found.after.unit)
    if newest.id != found.id:
        raise RefusedError(
            f"{found.after.unit} was changed again since {found.id}, by {newest.id}. Undo "
            f"{newest.id} first."
        )
    if found.reverts is not None or found.after.state in ("legacy", "observed"):
        raise RefusedError(f"{found.after.unit} runs its own code already; {found.id} put it back.")
    after = found.before or replace(found.after, state="observed")
    return Change(
        unit=found.after.unit,
        before=found.after,
        after=after,
        gates=(),
        steps=(
            f"let the legacy task {found.after.unit.partition(':')[2]} run its own code again, "
            "from its next attempt on",
        ),
        reverts=found.id,
    )


def _own_gates(unit: Unit, graph: AssetGraph, store: Store) -> list[Gate]:
    gates = []
    if not unit.assets:
        gates.append(
            Gate("failed", f"{unit.short_name} is mapped to no asset; name one in its mapping")
        )
    for key in unit.assets:
        if key not in graph:
            gates.append(Gate("failed", f"no code location defines {key}"))
        elif not graph.nodes[key].is_executable:
            gates.append(Gate("failed", f"{key} is only observed; define it with @asset first"))
        else:
            gates.append(Gate("passed", f"{key} is defined at {graph.nodes[key].spec.place}"))
    if unit.is_mapped:
        gates.append(
            Gate("failed", "dynamically mapped tasks can be observed, but not cut over yet")
        )
    if unit.result_users:
        users = ", ".join(unit.result_users)
        gates.append(
            Gate("failed", f"{users} take what the task returns, and an asset returns nothing")
        )
    holders = [claim for claim in store.claims() if claim.key in unit.assets]
    gates.extend(
        Gate(
            "warned",
            f"{claim.owner} is writing {claim.key} {claim.partition or ''} now; it ends its own "
            "way",
        )
        for claim in holders
    )
    return gates
