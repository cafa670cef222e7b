"""The daemon: asks schedules, sensors and conditions, advances backfills, starts runs that wait.

Belongs here: the loop, who leads it, and duties, each `(now) -> when to be called next`, which hold
nothing that the store does not: killed at any moment, they go on from there. Not here: what a
schedule or condition asks for (`bridge.automation`), doing runs (`bridge.execution`).
"""

from bridge.daemon.house import Happening, House
from bridge.daemon.loop import Daemon, Duty
from bridge.daemon.staff import duties_of

__all__ = ["Daemon", "Duty", "Happening", "House", "duties_of"]
