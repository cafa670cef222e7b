"""The keys that are proposed for datasets, tasks and DAGs: readable, and never one for two."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Collection, Mapping

from adapters.airflow.legacy.mapping import Thing
from bridge.keys import AssetKey
from bridge.uris import canonical

DEFAULT_INSTANCE = "airflow"


def assign_keys(
    things: Collection[Thing], instance: str, held: Mapping[Thing, str] | None = None
) -> dict[Thing, AssetKey]:
    """A key for each thing that is an asset.

    A dataset is `[connection or bucket, name]`, a task `[dag, task]`, a DAG `[dag]`, the latter two
    after the instance where that is not the usual one. Where two share that, a dataset gets its
    scheme first, then all a short hash last. What `held` says is a thing's name already is no
    other's.
    """
    prefix = () if instance == DEFAULT_INSTANCE else (instance,)
    held_by: dict[tuple[str, ...], Thing] = {}
    for thing, asset in (held or {}).items():
        held_by.setdefault(AssetKey.parse(asset).path, thing)
    wanted = {
        thing: _path_of(thing[1]) if thing[0] == "uri" else (*prefix, *thing[1:])
        for thing in things
    }
    for refine in (_with_scheme, _with_hash):
        counts = Counter(wanted.values())
        wanted = {
            thing: refine(thing, path)
            if counts[path] > 1 or held_by.get(path, thing) != thing
            else path
            for thing, path in wanted.items()
        }
    return {thing: AssetKey(path) for thing, path in wanted.items()}


def _path_of(uri: str) -> tuple[str, ...]:
    dataset = canonical(uri)
    parts = [dataset.authority, *dataset.path.split("/")]
    return tuple(
        cleaned for part in parts if (cleaned := re.sub(r"[^\w.@=-]+", "_", part).strip("_"))
    ) or ("dataset",)


def _with_scheme(thing: Thing, path: tuple[str, ...]) -> tuple[str, ...]:
    return (canonical(thing[1]).scheme, *path) if thing[0] == "uri" else path


def _with_hash(thing: Thing, path: tuple[str, ...]) -> tuple[str, ...]:
    return (*path, hashlib.sha256(repr(thing).encode()).hexdigest()[:8])
