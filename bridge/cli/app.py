"""The table of commands, and `main`, which runs one and turns what happened into an exit code."""

from __future__ import annotations

import io
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeAlias

import typer
from rich.text import Text

import bridge
from bridge.cli.commands import automation, backfill, backfills
from bridge.cli.commands.check import check
from bridge.cli.commands.config import config
from bridge.cli.commands.daemon import daemon, daemon_status
from bridge.cli.commands.describe import list_assets, show
from bridge.cli.commands.doctor import doctor
from bridge.cli.commands.freshness import freshness
from bridge.cli.commands.generate import generate
from bridge.cli.commands.importing import import_legacy
from bridge.cli.commands.init import init
from bridge.cli.commands.lineage import lineage
from bridge.cli.commands.materialize import materialize
from bridge.cli.commands.migrate import cutover, migrate_status, rollback
from bridge.cli.commands.observe import observe
from bridge.cli.commands.partitions import add_partitions, delete_partition, list_partitions
from bridge.cli.commands.report import report
from bridge.cli.commands.retention import retention
from bridge.cli.commands.run_queued import run_queued
from bridge.cli.commands.runs import cancel, list_runs, logs, show_run
from bridge.cli.commands.status import status
from bridge.cli.invocation import in_words_of, prefix
from bridge.cli.session import Session
from bridge.errors import BridgeError

INTERRUPTED = 130

# name, function, an example that works in a project of that shape
Commands: TypeAlias = "tuple[tuple[str, Callable[..., None], str], ...]"
COMMANDS: Commands = (
    ("init", init, "init flights"),
    ("list", list_assets, 'list "group:marts and not owner:<null>"'),
    ("show", show, "show marts/orders"),
    ("status", status, "status --owner team:finance --fail-on failed,stale"),
    ("materialize", materialize, 'materialize "+marts/orders" --partition 2026-11-21'),
    ("check", check, 'check "group:marts" --partition 2026-11-21'),
    ("freshness", freshness, "freshness --json"),
    ("report", report, "report marts/orders --metadata rows=12 --dry-run"),
    ("lineage", lineage, "lineage marts/orders --up 2 --down 1"),
    ("generate", generate, "generate --check"),
    ("import", import_legacy, "import airflow path/to/dags --dry-run"),
    ("observe", observe, "observe --instance airflow --follow"),
    ("retention", retention, "retention --dry-run"),
    ("config", config, "config --json"),
    ("doctor", doctor, "doctor --json"),
)
MIGRATE: Commands = (
    ("cutover", cutover, "migrate cutover core_nightly.dim_customer --dry-run"),
    ("rollback", rollback, "migrate rollback c-0142 --yes"),
    ("status", migrate_status, "migrate status --json"),
)
RUNS: Commands = (
    ("list", list_runs, "runs list --status failed --limit 5"),
    ("show", show_run, "runs show 8f31c2a90b17"),
    ("logs", logs, "runs logs 8f31c2a90b17 marts/orders"),
    ("cancel", cancel, "runs cancel 8f31c2a90b17"),
)
PARTITIONS: Commands = (
    ("list", list_partitions, "partitions list marts/orders --missing"),
    ("add", add_partitions, "partitions add customers acme --dry-run"),
    ("delete", delete_partition, "partitions delete customers acme --dry-run"),
)
AUTOMATION: Commands = (
    ("list", automation.list_automation, "automation list --json"),
    ("start", automation.start, "automation start nightly_schedule"),
    ("stop", automation.stop, "automation stop nightly_schedule"),
    ("ticks", automation.ticks, "automation ticks nightly_schedule --limit 50"),
    ("cursor", automation.cursor, "automation cursor new_files --clear"),
)
DAEMON: Commands = (("status", daemon_status, "daemon status --json"),)
BACKFILL: Commands = (
    (
        "start",
        backfill.start,
        "backfill start orders+ --partition 2026-11-01...2026-11-21 --missing",
    ),
    ("list", backfills.list_backfills, "backfill list --json"),
    ("show", backfills.show_backfill, "backfill show 3fa91c2e"),
    ("pause", backfills.pause, "backfill pause 3fa91c2e"),
    ("resume", backfill.resume, "backfill resume 3fa91c2e"),
    ("cancel", backfills.cancel, "backfill cancel 3fa91c2e"),
    ("retry", backfill.retry, "backfill retry 3fa91c2e --parallel 4"),
)
# what is below one word: its name, what it is about, its commands
GROUPS: tuple[tuple[str, str, Commands], ...] = (
    ("runs", "Look at what ran here, and end what runs.", RUNS),
    ("partitions", "Show partitions; add and delete dynamic ones.", PARTITIONS),
    ("backfill", "Compute many partitions; pause, resume, retry.", BACKFILL),
    ("automation", "See and switch jobs, schedules and sensors.", AUTOMATION),
    ("migrate", "Move legacy tasks to assets, one at a time, and back.", MIGRATE),
)


_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"bridge {bridge.__version__}")
        raise typer.Exit


def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Show the version and end."
        ),
    ] = False,
) -> None:
    """Data assets on one graph, run here or by Airflow."""


def build_app(prefix: str) -> typer.Typer:
    """All commands; examples in their help are written as they work here."""
    settings: dict[str, Any] = {
        "add_completion": False,
        "no_args_is_help": True,
        "rich_markup_mode": None,  # plain help keeps the lines of examples as they are
        "pretty_exceptions_enable": False,
    }
    app = typer.Typer(**settings, context_settings=_CONTEXT)
    app.callback()(_options)
    _add(app, COMMANDS, prefix)
    app.command("run-queued", hidden=True)(run_queued)
    app.command("backfill-work", hidden=True)(backfill.backfill_work)
    loop = typer.Typer(**{**settings, "no_args_is_help": False}, context_settings=_CONTEXT)
    loop.callback(invoke_without_command=True, epilog=_example(prefix, "daemon --workers 4"))(
        daemon
    )
    _add(loop, DAEMON, prefix)
    app.add_typer(loop, name="daemon")
    for name, about, commands in GROUPS:
        group = typer.Typer(**settings, context_settings=_CONTEXT, help=about)
        _add(group, commands, prefix)
        app.add_typer(group, name=name, epilog=_example(prefix, commands[0][2]))
    return app


def _add(group: typer.Typer, commands: Commands, prefix: str) -> None:
    for name, function, example in commands:
        group.command(name, epilog=_example(prefix, example))(function)


def _example(prefix: str, words: str) -> str:
    return f"\b\nExample:\n  {prefix} {words}"


def main(
    arguments: Sequence[str] | None = None, *, adapters: Sequence[object] | None = None
) -> int:
    """Run one command and return its exit code; `adapters` replaces the installed ones."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(
                errors="replace"
            )  # a terminal without UTF-8 shows ? instead of an error
    session = Session(prefix(sys.argv[0]), adapters)
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        command = typer.main.get_command(build_app(session.prefix))
        command.main(args=words, prog_name=session.prefix, obj=session)
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
        if code == INTERRUPTED:
            session.terminal.note("Interrupted.")
        return code
    except BridgeError as error:
        verbs = [name for name, *_ in (*COMMANDS, *GROUPS)]
        _complain(session, in_words_of(session.prefix, str(error), verbs))
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception:  # noqa: BLE001 - the last stop: whatever is left is a mistake of ours, and said to be
        _complain(
            session,
            "This is a bug in bridge, not in your project. Please report it with these lines:",
        )
        session.terminal.note(traceback.format_exc().rstrip())
        return 1
    finally:
        session.close()
    return 0


def _complain(session: Session, message: str) -> None:
    session.terminal.note(Text.assemble(("error: ", "bold red"), message))
