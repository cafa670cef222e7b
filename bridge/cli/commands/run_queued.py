"""`bridge run-queued`: what `launch_queued` starts; not for people, so no help lists it."""

from __future__ import annotations

from typing import Annotated

import typer

from bridge.cli.session import session_of


def run_queued(
    context: typer.Context,
    run_id: Annotated[str, typer.Argument(metavar="RUN", help="The run to take out of the queue.")],
) -> None:
    """Do one run that waits in the queue.

    Nothing happens where another process took it, or where it was canceled.
    """
    from bridge.execution import execute_queued

    session = session_of(context)
    result = execute_queued(
        run_id,
        lambda: session.definitions,
        session.store,
        storage=session.project.storage,
        pools=session.project.pools,
    )
    if result is not None and not result.success:
        raise typer.Exit(1)
