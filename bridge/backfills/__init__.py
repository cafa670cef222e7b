"""Backfills: many partitions of many assets, in runs that can be stopped and taken up again.

Belongs here: what a backfill is to compute, which runs come next, and how far it has come. Not
here: how a run is done (execution), what is shown of it (cli).
"""

from bridge.backfills.cut import Cut, Subsets
from bridge.backfills.engine import advance, cancel, new_backfill, pause, resume, retry
from bridge.backfills.packing import PlannedRun
from bridge.backfills.targets import partitions_target, roots_target, whole_target
from bridge.backfills.waves import Progress, Wave, blocked_by, left, next_wave

__all__ = [
    "Cut",
    "PlannedRun",
    "Progress",
    "Subsets",
    "Wave",
    "advance",
    "blocked_by",
    "cancel",
    "left",
    "new_backfill",
    "next_wave",
    "partitions_target",
    "pause",
    "resume",
    "retry",
    "roots_target",
    "whole_target",
]
