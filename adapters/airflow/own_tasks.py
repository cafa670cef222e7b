"""Which checks are tasks of their own, and which the task of their asset asks."""

from __future__ import annotations

from bridge.checks import AssetChecksDefinition
from bridge.graph import AssetGraph


def is_own_task(check: AssetChecksDefinition, graph: AssetGraph) -> bool:
    """Whether Airflow asks it as a task: it blocks, or needs more than its asset and its upstream.

    Generating and running go by this one answer, so that no check is asked twice or never.
    """
    about, reads = check.asset_keys, check.reads
    if any(spec.is_blocking for spec in check.specs) or len(about) > 1:
        return True
    return bool(reads) and not graph.all_upstream(about[0]).issuperset(reads)
