"""What is a secret by its name, and which values are then kept out of texts."""

from __future__ import annotations

import pytest

from adapters.airflow.legacy.record.child.redaction import (
    SECRET,
    looks_secret,
    secrets_in,
    without,
)
from bridge.cli import supplied


@pytest.mark.parametrize(
    "name",
    ["DB_PASSWORD", "db_pwd", "pwd", "api_key", "apiKey", "slack_token", "auth", "Authorization"],
)
def test_a_name_says_that_its_value_is_a_secret(name):
    assert looks_secret(name)


@pytest.mark.parametrize(
    "name", ["PWD", "OLDPWD", "secret_name", "password_file", "token_url", "author", "sort_key"]
)
def test_a_name_of_something_else_is_left_alone(name):
    assert not looks_secret(name)


def test_the_command_and_the_recorder_mean_the_same_names():
    assert supplied.SECRET.pattern == SECRET.pattern


@pytest.mark.parametrize("value", ["hunter2", "Passw0rd", "blue-horse-7"])
def test_a_value_under_such_a_name_is_hidden_in_texts(value):
    secrets = secrets_in({"db_password": value})
    assert without([f"login {value}!"], secrets) == ["login ***!"]


@pytest.mark.parametrize("value", ["airflow", "Postgres", "admin", "true", "test", "12345"])
def test_an_ordinary_word_stays_where_it_means_something_else(value):
    secrets = secrets_in({"db_password": value})
    assert without(f"/opt/{value}/dags", secrets) == f"/opt/{value}/dags"
