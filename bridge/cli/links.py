"""Where a person reads on: the pages of other systems on what was recorded of their work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from bridge.cli.session import Session

if TYPE_CHECKING:
    from bridge.events import AssetEvent, EventKind

LINKED: tuple[EventKind, ...] = ("materialization", "failure")


def pages(session: Session, events: Iterable[AssetEvent]) -> Mapping[str, str]:
    """By source, the page on each of these materializations and failures that has one.

    Asks the systems where they are; what ran here asks nobody.
    """
    sources = {event.source for event in events if event.kind in LINKED}
    foreign = {source for source in sources if not source.startswith("bridge:")}
    if not foreign:
        return {}
    from bridge.capabilities import LinksSources

    found: dict[str, str] = {}
    for adapter in session.offering(LinksSources):
        found |= adapter.links(foreign, session.project)
    return found
