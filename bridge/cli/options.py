"""Options and arguments that several commands share, so that they mean the same everywhere."""

from __future__ import annotations

from typing import Annotated

import typer

SELECTION = typer.Argument(
    help='Which assets, such as orders, "+orders", "key:marts/*", "group:raw".'
)
Selection = Annotated[str, SELECTION]
Key = Annotated[str, typer.Argument(help="The asset's key, such as marts/orders.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
