"""Which checks are tasks of their own, and which the task of their asset asks."""

from __future__ import annotations

from collections.abc import Collection

from bridge.checks import AssetChecksDefinition
from bridge.graph import AssetGraph
from bridge.keys import AssetKey


def is_own_task(
    check: AssetChecksDefinition, graph: AssetGraph, together: Collection[AssetKey] = ()
) -> bool:
    """Whether Airflow asks it as a task: it blocks, or needs more than its asset and its upstream.

    A task that computes several functions' assets `together` asks all that is about these and
    reads no more than they and their upstream. Generating and running go by this one answer, so
    that no check is asked twice or never.
    """
    about, reads = check.asset_keys, check.reads
    if together and all(key in together for key in about):
        known = {dep for key in about for dep in graph.all_upstream(key)}
        return any(key not in together and key not in known for key in reads)
    if any(spec.is_blocking for spec in check.specs) or len(about) > 1:
        return True
    return bool(reads) and not graph.all_upstream(about[0]).issuperset(reads)
