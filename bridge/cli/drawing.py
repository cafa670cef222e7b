"""What is under way, drawn below the lines of a command and gone at its end."""

from __future__ import annotations

from collections.abc import Callable

from rich.console import Console
from rich.live import Live
from rich.text import Text


def started(console: Console, now: Callable[[], Text]) -> Live:
    """What `now` gives, drawn anew four times a second until it is stopped."""
    live = Live(
        console=console,
        get_renderable=now,
        transient=True,
        refresh_per_second=4,
        redirect_stderr=False,
    )
    live.start()
    return live
