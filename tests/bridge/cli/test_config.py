from __future__ import annotations

from pathlib import Path

import pytest


def settings(run) -> dict[str, dict[str, object]]:
    return run("config", "--json").json["settings"]


def test_each_setting_says_where_it_came_from(orders: Path, run, monkeypatch) -> None:
    monkeypatch.setenv("BRIDGE_STORAGE", "elsewhere")

    found = settings(run)

    assert found["definitions"] == {"value": ["assets.py"], "from": "bridge.toml"}
    assert found["storage"] == {"value": str(orders / "elsewhere"), "from": "BRIDGE_STORAGE"}
    assert found["migration"] == {"value": str(orders / "migration"), "from": "default"}


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg2://amy:s3cret@db/bridge",
        "postgresql+psycopg2://amy:s3cret@db/bridge?sslpassword=s3cret",
        "postgresql+psycopg2://db/bridge?user=amy&password=s3cret",
    ],
)
def test_no_password_is_shown(orders: Path, run, monkeypatch, url: str) -> None:
    monkeypatch.setenv("BRIDGE_STORE", url)

    shown = run("config").out

    assert "s3cret" not in shown
    assert "db/bridge" in shown


def test_a_password_in_an_airflows_address_is_not_shown(orders: Path, run) -> None:
    settings = '[airflow.eu]\nurl = "https://amy:s3cret@airflow.example"\ntoken_env = "EU_TOKEN"\n'
    (orders / "bridge.toml").write_text(f'definitions = ["assets.py"]\n{settings}')

    shown = run("config").out

    assert "s3cret" not in shown
    assert "airflow.eu.url" in shown
    assert "EU_TOKEN" in shown


def test_an_address_without_a_password_is_shown_as_it_is(orders: Path, run, monkeypatch) -> None:
    monkeypatch.setenv("BRIDGE_STORE", "postgresql+psycopg2://amy@db:5432/bridge")

    assert settings(run)["store"]["value"] == "postgresql+psycopg2://amy@db:5432/bridge"


def test_the_settings_need_no_code_that_loads(orders: Path, run) -> None:
    (orders / "assets.py").write_text("raise RuntimeError")

    assert run("config").code == 0
