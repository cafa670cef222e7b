"""Runs of ours that another system does: where, begun there once, and followed until they end.

Belongs here: `place_of` (which system and instance a run is for), `Attendance` (one look at such a
run: begin it, follow it, note how it ended), and `Elsewhere` (those of a backfill). Not here: how a
system is spoken to (`bridge.capabilities`, the adapters), or when a run begins (`bridge.daemon`).
"""

from bridge.launching.attending import Attendance
from bridge.launching.elsewhere import Elsewhere
from bridge.launching.places import LOCAL, Place, found_place, place_of

__all__ = ["LOCAL", "Attendance", "Elsewhere", "Place", "found_place", "place_of"]
