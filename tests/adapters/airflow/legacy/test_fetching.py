"""Files of a running Airflow: those it serves are written down, the others are said."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from adapters.airflow.api.inventory import ListedDag
from adapters.airflow.api.rest import AirflowRest
from adapters.airflow.legacy.fetching import fetch_sources
from bridge.errors import RemoteUnreachableError


def fetched(folder: Path, status: int):
    """Two DAGs, of which Airflow answers for the second with a status of its own."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/version"):
            return httpx.Response(200, json={"version": "3.3.2"})
        if request.url.path.endswith("/dagSources/open"):
            return httpx.Response(200, json={"content": "x = 1\n"})
        return httpx.Response(status, json={"detail": "no"})

    rest = AirflowRest.connect(
        "http://airflow.test", attempts=1, transport=httpx.MockTransport(answer)
    )
    dags = [
        ListedDag.model_validate(
            {"dag_id": name, "fileloc": f"/dags/{name}.py", "is_paused": False}
        )
        for name in ("open", "shut")
    ]
    return fetch_sources(rest.inventory(), dags, folder)


@pytest.mark.parametrize("status", [403, 404])
def test_a_file_that_is_not_served_is_said_and_the_others_are_fetched(tmp_path, status):
    (found,) = fetched(tmp_path, status)
    assert (found.code, found.file) == ("source_not_served", "shut.py")
    assert [path.name for path in tmp_path.iterdir()] == ["open.py"]


def test_a_login_that_is_refused_ends_the_import(tmp_path):
    with pytest.raises(RemoteUnreachableError, match="does not let us in"):
        fetched(tmp_path, 401)
