from __future__ import annotations

import inspect
import json
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import bridge
from bridge.cli.app import COMMANDS, DAEMON, GROUPS
from bridge.cli.commands.daemon import daemon

VERBS = [
    *(((name,), function, example) for name, function, example in COMMANDS),
    (("daemon",), daemon, "daemon --workers 4"),
    *((("daemon", name), function, example) for name, function, example in DAEMON),
    *(
        ((group, name), function, example)
        for group, _about, commands in GROUPS
        for name, function, example in commands
    ),
]
READING = {
    ("freshness",),
    ("list",),
    ("show",),
    ("status",),
    ("lineage",),
    ("config",),
    ("doctor",),
    ("migrate", "status"),
    ("partitions", "list"),
    ("automation", "list"),
    ("automation", "ticks"),
    ("daemon", "status"),
    ("backfill", "list"),
    ("backfill", "show"),
    ("runs", "list"),
    ("runs", "show"),
    ("runs", "logs"),
}
MOST_WORDS = 60  # a line of the list of commands on a terminal of 80 columns
HEAVY = ["airflow", "alembic", "networkx", "pandas", "sqlalchemy", "sqlglot"]


@pytest.mark.parametrize(
    ("verb", "function", "example"), VERBS, ids=[" ".join(v[0]) for v in VERBS]
)
def test_every_verb_has_a_summary_and_an_example(
    verb: tuple[str, ...], function: Callable[..., None], example: str, run
) -> None:
    outcome = run(*verb, "--help")

    assert outcome.code == 0
    summary = inspect.getdoc(function).splitlines()[0]
    assert summary.endswith(".")
    assert len(summary) <= MOST_WORDS
    assert summary in outcome.out
    assert f"Example:\n    bridge {example}" in outcome.out
    assert shlex.split(example)[: len(verb)] == list(verb)


@pytest.mark.parametrize(
    ("verb", "function", "_example"), VERBS, ids=[" ".join(v[0]) for v in VERBS]
)
def test_reading_verbs_have_json_and_writing_verbs_a_dry_run(
    verb: tuple[str, ...], function: Callable[..., None], _example: str, run
) -> None:
    option = "--json" if verb in READING else "--dry-run"

    assert option in run(*verb, "--help").out


def test_the_list_of_verbs_shows_every_summary_whole(run) -> None:
    shown = run("--help").out

    for _name, function, _example in COMMANDS:
        assert inspect.getdoc(function).splitlines()[0] in shown


def test_version_is_the_packages(run) -> None:
    assert run("--version").out == f"bridge {bridge.__version__}\n"


@pytest.mark.parametrize(
    "words", [["frobnicate"], ["show"], ["status", "--fail-on", "late"], ["status", "--no"]]
)
def test_a_wrong_word_ends_with_2_and_says_so_on_stderr(
    words: list[str], orders: Path, run
) -> None:
    outcome = run(*words)

    assert outcome.code == 2
    assert outcome.out == ""
    assert "Usage: bridge" in outcome.err


@pytest.mark.parametrize("words", [["--help"], ["list"], ["list", "--json"]])
def test_short_commands_load_nothing_heavy(
    words: list[str], orders: Path, environment: dict[str, str]
) -> None:
    code = (
        "import json, sys; from bridge.cli import main; main(sys.argv[1:]);"
        f"print(json.dumps([m for m in {HEAVY} if m in sys.modules]), file=sys.stderr)"
    )

    done = subprocess.run(
        [sys.executable, "-c", code, *words],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(done.stderr) == []
