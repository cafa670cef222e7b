"""Repeats of a request are no news to a user who set up no logging."""

from __future__ import annotations

import subprocess
import sys

import pytest

_ASK = """
import logging, httpx, stamina
from adapters.airflow.api.connection import Connection
if {logs}:
    logging.basicConfig()
answers = [httpx.Response(503), httpx.Response(200, json={{"version": "3.3.2"}})]
with stamina.set_testing(True, attempts=2):
    Connection("http://airflow.test", username=None, password=None, token=None, timeout_s=1,
        attempts=2, transport=httpx.MockTransport(lambda request: answers.pop(0)))
assert not answers
"""


@pytest.mark.parametrize("logs", [False, True])
def test_a_repeat_is_told_only_to_who_set_up_logging(logs: bool) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", _ASK.format(logs=logs)], capture_output=True, text=True, check=True
    )

    assert ("stamina" in ran.stderr) is logs
