"""A re-import: what a person did to the mapping stays, all else is as newly read. Pure."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as MappingType

from adapters.airflow.legacy.mapping import KeptName, Mapping, Thing, UnitEntry, thing_of
from adapters.airflow.legacy.snapshot import Finding
from bridge.errors import ConfigError
from bridge.migration.units import Granularity

_NAMED = 5


def merge(
    old: Mapping,
    new: Mapping,
    *,
    before: Mapping | None = None,
    is_read: Callable[[str], bool] = lambda _: True,
) -> Mapping:
    """Confirmed entries stay as they are, keys stay with what they stand for, and everything else
    is as newly read.

    A confirmed entry whose task is gone stays too, marked `gone`. `before`: what is proposed now at
    the granularity of `old`, if `new` has another; names that differ from it are a person's, and
    are kept until that granularity is chosen again. `is_read` says of a DAG whether it was read at
    all: entries of others stay. Raises ConfigError if the two are of different instances.
    """
    if old.instance != new.instance:
        message = (
            f"The mapping is of the Airflow {old.instance!r}, the import of {new.instance!r}. "
            "Write the import to a file of its own."
        )
        raise ConfigError(message)
    kept = {(name.granularity, name.thing): name.asset for name in old.kept}
    if old.granularity == new.granularity:
        names = old.names()
    else:
        proposed = (before or old).names()
        for thing, asset in old.names().items():
            if proposed.get(thing, asset) != asset:
                kept[old.granularity, thing] = asset
        names = {thing: asset for (of, thing), asset in kept.items() if of == new.granularity}
        names |= {thing: name for thing, name in old.names().items() if _is_source(thing, old)}
        kept = {name: asset for name, asset in kept.items() if name[0] != new.granularity}
    return new.model_copy(
        update={
            "kept": tuple(
                KeptName.of(of, thing, asset) for (of, thing), asset in sorted(kept.items())
            ),
            "units": _units(old, new, names, is_read),
            "sources": tuple(
                sorted(
                    (
                        source.model_copy(
                            update={"asset": names.get(("uri", source.uri), source.asset)}
                        )
                        for source in new.sources
                    ),
                    key=lambda source: source.asset,
                )
            ),
        }
    )


def _is_source(thing: Thing, mapping: Mapping) -> bool:
    return thing in {("uri", each.uri) for each in mapping.sources}


def _units(
    old: Mapping, new: Mapping, names: MappingType[Thing, str], is_read: Callable[[str], bool]
) -> tuple[UnitEntry, ...]:
    before = {(unit.dag, unit.task): unit for unit in old.units}
    found = {}
    for unit in new.units:
        earlier = before.get((unit.dag, unit.task))
        # A dataset has one name wherever it is written; a task may be split into several assets.
        own = {}
        if earlier is not None and old.granularity == new.granularity != "dataset":
            own = {write.uri: write.asset for write in earlier.writes}
        found[unit.dag, unit.task] = _renewed(unit, earlier, own, names, new.granularity)
    for place, unit in before.items():
        if not is_read(unit.dag):
            found[place] = unit
        elif unit.confirmed and place not in found:
            found[place] = unit.model_copy(update={"gone": True})
    return tuple(found[place] for place in sorted(found))


def _renewed(
    unit: UnitEntry,
    before: UnitEntry | None,
    own: MappingType[str | None, str],
    names: MappingType[Thing, str],
    granularity: Granularity,
) -> UnitEntry:
    if before is not None and before.confirmed:
        return before.model_copy(update={"gone": False})
    writes = tuple(
        write.model_copy(
            update={
                "asset": own.get(write.uri)
                or names.get(thing_of(unit, write, granularity), write.asset)
            }
        )
        for write in unit.writes
    )
    freshness = before.freshness if before is not None else None
    if freshness is None or not freshness.confirmed:
        freshness = unit.freshness
    return unit.model_copy(update={"writes": writes, "freshness": freshness})


def entry_changes(old: Mapping, merged: Mapping) -> list[Finding]:
    """Which tasks came and went, and what a person confirmed of those that went."""
    before = {(unit.dag, unit.task): unit for unit in old.units if not unit.gone}
    after = {(unit.dag, unit.task): unit for unit in merged.units if not unit.gone}
    come = [after[place] for place in sorted(after.keys() - before.keys())]
    went = [before[place] for place in sorted(before.keys() - after.keys())]
    findings = []
    if come or went:
        names = [[f"{unit.dag}.{unit.task}" for unit in units] for units in (come, went)]
        message = f"since the last import came {_listed(names[0])}, and went {_listed(names[1])}"
        findings.append(Finding(severity="info", code="entries_changed", message=message))
    for unit in went:
        if unit.confirmed:
            likely = [other for other in come if _is_like(other, unit)]
            message = "was confirmed, and the code has it no more; its entry stays, marked gone"
            if len(likely) == 1:
                message += (
                    f". If it is {likely[0].dag}.{likely[0].task} now, give that its assets and "
                    "remove the old entry"
                )
            findings.append(
                Finding(
                    severity="warning",
                    code="entry_gone",
                    message=message,
                    dag_id=unit.dag,
                    task_id=unit.task,
                )
            )
    return findings


def _is_like(unit: UnitEntry, other: UnitEntry) -> bool:
    """Whether it may be the other under a new name."""
    if unit.operator != other.operator:
        return False
    if unit.task == other.task:
        return True
    uris = {write.uri for write in unit.writes} & {write.uri for write in other.writes} - {None}
    return unit.dag == other.dag and bool(uris)


def key_changes(old: Mapping, new: Mapping) -> list[Finding]:
    """What becomes of the history of assets that another granularity names otherwise."""
    if old.granularity == new.granularity:
        return []
    before = {write.asset for unit in old.units if not unit.gone for write in unit.writes}
    after = {write.asset for unit in new.units if not unit.gone for write in unit.writes}
    gone, come = sorted(before - after), sorted(after - before)
    if not gone and not come:
        return []
    message = (
        f"one asset is now a {new.granularity}, and was a {old.granularity}: "
        f"{_listed(come)} {'is' if len(come) == 1 else 'are'} new and without a history yet "
        "(`bridge observe` reads it again); what was recorded of "
        f"{_listed(gone)} stays in the store, and counts again at --granularity {old.granularity}"
    )
    return [Finding(severity="warning", code="keys_change", message=message)]


def _listed(names: list[str]) -> str:
    more = len(names) - _NAMED
    return (", ".join(names[:_NAMED]) or "none") + (f" and {more} more" if more > 0 else "")
