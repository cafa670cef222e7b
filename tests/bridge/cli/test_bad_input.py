from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from bridge.store import schema


def define(body: str) -> str:
    return f"from bridge import AssetKey, AssetSpec, Definitions, asset, asset_check\n{body}"


def test_an_unknown_upstream_is_named_with_what_was_meant(new_project, run) -> None:
    folder = new_project(
        define("@asset\ndef orders(): ...\n\n@asset(deps=['order'])\ndef report(): ...\n")
    )

    outcome = run("list")

    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("error: Asset report depends on order, which no code location")
    assert "Did you mean orders" in outcome.err
    assert f"{folder / 'assets.py'}:5" in outcome.err


def test_a_cycle_shows_the_way_round(new_project, run) -> None:
    new_project(
        define(
            "@asset(deps=['c'])\ndef a(): ...\n@asset(deps=['a'])\ndef b(): ...\n"
            "@asset(deps=['b'])\ndef c(): ...\n"
        )
    )

    outcome = run("materialize", "a")

    assert outcome.code == 2
    assert " -> " in outcome.err.splitlines()[0]
    assert outcome.err.count("assets.py:") == 3


def test_two_assets_of_one_key_name_both_places(new_project, run) -> None:
    folder = new_project(
        define(
            "@asset\ndef orders(): ...\n\n@asset(name='orders')\ndef other(): ...\n\n"
            "defs = Definitions([orders, other])\n"
        )
    )

    outcome = run("status")

    assert outcome.code == 2
    assert f"{folder / 'assets.py'}:2" in outcome.err
    assert f"{folder / 'assets.py'}:5" in outcome.err


def test_a_module_that_does_not_import_shows_the_users_frames_only(new_project, run) -> None:
    folder = new_project("def broken():\n    return 1 / 0\n\nbroken()\n")

    outcome = run("list")

    assert outcome.code == 2
    assert "error: The code location" in outcome.err
    assert "ZeroDivisionError: division by zero" in outcome.err
    frames = [line for line in outcome.err.splitlines() if line.startswith('  File "')]
    assert frames == [
        f'  File "{folder}/assets.py", line 4, in <module>',
        f'  File "{folder}/assets.py", line 2, in broken',
    ]


def test_a_module_that_exits_is_an_error(new_project, run) -> None:
    new_project("import sys\nsys.exit(0)\n")

    outcome = run("list")

    assert outcome.code == 2
    assert "sys.exit(0)" in outcome.err


def test_no_code_location_says_how_to_begin(
    tmp_path: Path, run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    outcome = run("list")

    assert outcome.code == 2
    assert "`bridge init`" in outcome.err


def test_settings_that_are_wrong_name_file_and_field(orders: Path, run) -> None:
    (orders / "bridge.toml").write_text("definition = ['assets.py']\n")

    outcome = run("list")

    assert outcome.code == 2
    assert str(orders / "bridge.toml") in outcome.err
    assert "definition" in outcome.err


def test_a_store_of_a_newer_version_is_left_alone(orders: Path, run) -> None:
    run("status")
    with sqlite3.connect(orders / ".bridge/bridge.db") as database:
        database.execute(f"UPDATE {schema.VERSION_TABLE} SET version_num = '9999'")
    database.close()

    outcome = run("status")

    assert (outcome.code, outcome.out) == (2, "")
    assert "9999" in outcome.err
    assert "newer version" in outcome.err


@pytest.mark.parametrize(
    "words", [["status"], ["materialize", "raw_orders"], ["migrate", "status"]]
)
def test_an_unreachable_store_ends_with_4_and_says_what_was_tried(
    words: list[str], orders: Path, run, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("psycopg2", reason="needs the extra postgres")
    monkeypatch.setenv("BRIDGE_STORE", "postgresql+psycopg2://me:secret@127.0.0.1:1/none")

    outcome = run(*words)

    assert outcome.code == 4
    assert "127.0.0.1:1" in outcome.err
    assert "secret" not in outcome.err


@pytest.mark.parametrize(
    "name", ["2026-12-24", "2026-10-31", "yesterday", "2026-11-1", "2026-11-09...2026-11-20"]
)
def test_a_partition_that_does_not_exist_names_those_that_do(name: str, orders: Path, run) -> None:
    outcome = run("materialize", "*", "--partition", name)

    assert outcome.code == 2
    assert outcome.err.startswith("error: ")
    assert "2026-11-01" in outcome.err
    assert run("status", "--json").json[0]["status"] == "missing"


def test_a_mistake_of_ours_is_called_that_and_ends_with_1(orders: Path, run) -> None:
    class Broken:
        name = "broken"

        def diagnose(self, project: object) -> object:
            raise KeyError("oops")

    outcome = run("doctor", adapters=[Broken()])

    assert outcome.code == 1
    assert outcome.err.startswith("error: This is a bug in bridge")
    assert "KeyError: 'oops'" in outcome.err
