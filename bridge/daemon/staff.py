"""The duties of a daemon, in the order in which they are called."""

from __future__ import annotations

import os
from datetime import timedelta

from bridge.daemon.backfilling import Backfilling
from bridge.daemon.conditions import Conditions
from bridge.daemon.elsewhere import Elsewhere
from bridge.daemon.house import House
from bridge.daemon.housekeeping import Housekeeping
from bridge.daemon.loop import Duty
from bridge.daemon.observing import Observing
from bridge.daemon.queue import Queue
from bridge.daemon.schedules import Schedules
from bridge.daemon.sensors import Sensors
from bridge.executors import TagLimit
from bridge.store import RetentionPolicy


def duties_of(house: House, *, workers: int | None = None) -> tuple[Duty, ...]:
    """Who asks comes before who starts what was asked for."""
    settings = house.project.daemon
    at_most = workers or settings.max_concurrent_runs or max(2, os.cpu_count() or 1)
    limits = [TagLimit(**each.model_dump()) for each in settings.tag_concurrency_limits]
    elsewhere = Elsewhere(house)
    return (
        Observing(house, timedelta(seconds=settings.observe_every_s)),
        Housekeeping(
            house,
            timedelta(days=settings.keep_ticks_days),
            RetentionPolicy(**house.project.retention.model_dump()),
        ),
        Schedules(house, settings.timeout_s),
        Sensors(house, settings.timeout_s),
        Conditions(house),
        Backfilling(house),
        Queue(house, at_most=at_most, limits=limits, elsewhere=elsewhere),
        elsewhere,
    )
