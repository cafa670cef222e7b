"""Moving legacy tasks to assets: which task writes what, who owns it, and changing that safely.

Belongs here: units, gates, and changes of routes as steps a person can read. Not here: Airflow (its
adapter knows what a unit is there), or running anything.
"""

from bridge.migration.change import Change, cutover, rollback
from bridge.migration.units import Gate, Unit

__all__ = ["Change", "Gate", "Unit", "cutover", "rollback"]
