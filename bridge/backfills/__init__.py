"""Backfills: many partitions of many assets, in runs that can be stopped and taken up again.

Belongs here: what a backfill is to compute, which runs come next, and how far it has come. Not
here: how a run is done (execution), what is shown of it (cli).
"""

from bridge.backfills.cut import WHOLE, Cut, Subsets
from bridge.backfills.engine import (
    advance,
    cancel,
    counts_by_asset,
    failed_by_asset,
    is_paused,
    new_backfill,
    pause,
    resume,
    retry,
)
from bridge.backfills.only import only
from bridge.backfills.packing import PlannedRun
from bridge.backfills.targets import partitions_target, roots_target, size, whole_target
from bridge.backfills.waves import Progress, Wave, blocked_by, left, next_wave, planned_waves
from bridge.backfills.working import Here, carry_out, workers

__all__ = [
    "WHOLE",
    "Cut",
    "Here",
    "PlannedRun",
    "Progress",
    "Subsets",
    "Wave",
    "advance",
    "blocked_by",
    "cancel",
    "carry_out",
    "counts_by_asset",
    "failed_by_asset",
    "is_paused",
    "left",
    "new_backfill",
    "next_wave",
    "only",
    "partitions_target",
    "pause",
    "planned_waves",
    "resume",
    "retry",
    "roots_target",
    "size",
    "whole_target",
    "workers",
]
