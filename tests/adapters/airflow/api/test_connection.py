"""Finding, logging in to and losing an Airflow. The network is httpx's own stand-in for one."""

from collections.abc import Callable, Iterator

import httpx
import pytest
import stamina

from adapters.airflow.api.rest import AirflowRest
from bridge.errors import RemoteUnreachableError

NO_DAGS = {"dags": [], "total_entries": 0}


@pytest.fixture(autouse=True)
def without_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3):
        yield


class Server:
    """Answers as an Airflow would; `dags` are the answers to the listing of DAGs, in order."""

    def __init__(self, api: str, *dags: httpx.Response | Exception) -> None:
        self.api = api
        self.dags = list(dags)
        self.logins = 0
        self.headers: list[str | None] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if path == f"/api/{self.api}/version":
            return httpx.Response(200, json={"version": "3.3.2" if self.api == "v2" else "2.11.2"})
        if path == "/auth/token":
            self.logins += 1
            return httpx.Response(201, json={"access_token": f"token{self.logins}"})
        if path == f"/api/{self.api}/dags":
            self.headers.append(request.headers.get("Authorization"))
            answer = self.dags.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer
        return httpx.Response(404, json={"error": "no such route"})


def connected(answer: Callable[[httpx.Request], httpx.Response]) -> AirflowRest:
    return AirflowRest.connect(
        "http://airflow.test/",
        username="ada",
        password="pw",  # noqa: S106
        transport=httpx.MockTransport(answer),
    )


def test_airflow_3_gets_a_token_and_keeps_it() -> None:
    server = Server("v2", httpx.Response(200, json=NO_DAGS), httpx.Response(200, json=NO_DAGS))
    rest = connected(server)

    rest.dags()
    rest.dags()

    assert (rest.api, rest.version) == ("v2", "3.3.2")
    assert (server.logins, server.headers) == (1, ["Bearer token1", "Bearer token1"])


def test_a_token_that_has_run_out_is_renewed() -> None:
    expired = httpx.Response(401, json={"detail": "expired"})
    server = Server(
        "v2",
        httpx.Response(200, json=NO_DAGS),
        expired,
        httpx.Response(200, json=NO_DAGS),
    )
    rest = connected(server)
    rest.dags()

    assert rest.dags().good == ()
    assert server.headers == ["Bearer token1", "Bearer token1", "Bearer token2"]


def test_airflow_2_gets_name_and_password() -> None:
    server = Server("v1", httpx.Response(200, json=NO_DAGS))
    rest = connected(server)

    rest.dags()

    assert (rest.api, server.logins, server.headers) == ("v1", 0, ["Basic YWRhOnB3"])


@pytest.mark.parametrize(
    "trouble",
    [httpx.Response(503), httpx.Response(502), httpx.ConnectError("no"), httpx.ReadTimeout("slow")],
)
def test_what_passes_is_asked_again(trouble: httpx.Response | Exception) -> None:
    rest = connected(Server("v1", trouble, httpx.Response(200, json=NO_DAGS)))

    assert rest.dags().good == ()


def test_a_server_that_stays_away_is_told_with_what_was_tried() -> None:
    rest = connected(Server("v1", *(httpx.ConnectError("refused") for _ in range(3))))

    with pytest.raises(
        RemoteUnreachableError, match=r"http://airflow.test .*GET /api/v1/dags.*refused"
    ):
        rest.dags()


def test_what_is_not_allowed_is_not_asked_again() -> None:
    rest = connected(Server("v1", httpx.Response(403, json={"title": "Forbidden"})))

    with pytest.raises(RemoteUnreachableError, match=r"Forbidden.*the user may do this"):
        rest.dags()


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, text="<html>Sign in</html>"),
        httpx.Response(200, json={"dags": None, "total_entries": 0}),
        httpx.Response(200, json={"dags": []}),
        httpx.Response(302, headers={"Location": "/login"}),
        httpx.Response(404, text="no such route"),
    ],
)
def test_an_answer_that_is_not_airflows_is_not_taken_for_an_empty_one(
    answer: httpx.Response,
) -> None:
    rest = connected(Server("v1", answer))

    with pytest.raises(RemoteUnreachableError):
        rest.dags()


def test_a_lost_answer_does_not_start_a_run_twice() -> None:
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.method == "POST":
            asked.append(request.url.path)
            raise httpx.ReadTimeout("slow")
        return httpx.Response(200, json={"version": "2.11.2"})

    rest = AirflowRest.connect("http://airflow.test", transport=httpx.MockTransport(answer))

    with pytest.raises(RemoteUnreachableError):
        rest.trigger("flights")
    assert len(asked) == 1


def test_a_server_that_is_no_airflow_is_told() -> None:
    with pytest.raises(RemoteUnreachableError, match="not as an Airflow"):
        connected(lambda _: httpx.Response(200, text="<html>Welcome to nginx</html>"))


def test_an_address_where_nothing_listens_is_told() -> None:
    with pytest.raises(RemoteUnreachableError, match="did not answer GET /api/v2/version"):
        AirflowRest.connect("http://127.0.0.1:9", timeout_s=5)


@pytest.mark.parametrize("url", ["airflow.test:8080", "", "ftp://airflow.test"])
def test_what_is_no_address_is_told(url: str) -> None:
    with pytest.raises(RemoteUnreachableError, match="Check the url"):
        AirflowRest.connect(url)
