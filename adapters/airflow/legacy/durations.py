"""How long runs and tasks usually take, from their recent successes. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

from adapters.airflow.legacy.snapshot import Durations

_MOSTLY = 0.9


def durations_of(seconds: Sequence[float]) -> Durations | None:
    """Median and the 90th percentile (nearest rank); None where there is nothing to measure."""
    if not seconds:
        return None
    ordered = sorted(seconds)
    rank = math.ceil(_MOSTLY * len(ordered))
    return Durations(
        runs=len(ordered),
        median_s=round(median(ordered), 1),
        p90_s=round(ordered[rank - 1], 1),
    )
