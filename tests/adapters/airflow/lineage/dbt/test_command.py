"""The words of dbt's command line."""

import shlex

import pytest

from adapters.airflow.lineage.dbt.command import DbtCommand, dbt_words, parsed


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("run", DbtCommand(verb="run")),
        (
            "--no-write-json run --select a +b --exclude c --project-dir /p -t prod",
            DbtCommand(
                verb="run", select=("a", "+b"), exclude=("c",), project_dir="/p", target="prod"
            ),
        ),
        ("test -s 'a b' -m c", DbtCommand(verb="test", select=("a", "b", "c"))),
        ("run --models=a,b --threads 4 --full-refresh", DbtCommand(verb="run", select=("a,b",))),
        ("build --selector nightly", DbtCommand(verb="build", selector="nightly")),
        ("seed --vars '{a: 1}'", DbtCommand(verb="seed", variables={"a": 1})),
        ("source freshness -s source:a", DbtCommand(verb="source freshness", select=("source:a",))),
        ("source snapshot-freshness", DbtCommand(verb="source freshness")),
        ("docs generate", DbtCommand(verb="docs")),
        ("run all", DbtCommand(verb="run", others=("all",))),
        ("--version", DbtCommand(verb="--version")),
        ("", DbtCommand(verb="")),
    ],
)
def test_options_take_their_words_along(line, expected):
    assert parsed(shlex.split(line)) == expected


@pytest.mark.parametrize(
    ("line", "behind"),
    [
        ("dbt run", ("run",)),
        ("/venv/bin/dbt run", ("run",)),
        ("poetry run dbt test", ("test",)),
        ("python -m dbt run", ("run",)),
        ("python -m dbt.cli.main run", None),
        ("echo dbt run", None),
        ("cp -r /opt/dbt /tmp", None),
        ("", None),
    ],
)
def test_dbt_is_known_behind_what_starts_it(line, behind):
    assert dbt_words(line.split()) == behind
