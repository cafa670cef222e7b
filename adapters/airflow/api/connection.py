"""One HTTP connection to one Airflow: its REST version, login, repeats, and what went wrong."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Collection, Generator, Mapping
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Literal, TypeAlias

import httpx
import stamina
from pydantic import JsonValue

from adapters.airflow.api.parsing import Json
from bridge.errors import RefusedError, RemoteUnreachableError

Api: TypeAlias = Literal["v1", "v2"]
Parameters: TypeAlias = Mapping[str, str | int | list[str]]

_BUSY = {429, 500, 502, 503, 504}
_NOT_THERE = (httpx.codes.NOT_FOUND,)
_NOT_ALLOWED = (httpx.codes.NOT_FOUND, httpx.codes.FORBIDDEN)
# Where nobody set up logging, Python would write each repeat to stderr; who did gets them.
logging.getLogger("stamina").addHandler(logging.NullHandler())


class _Login(httpx.Auth):
    """Name and password for a token (Airflow 3), and again when it has run out."""

    requires_response_body = True

    def __init__(self, url: str, username: str, password: str) -> None:
        self._url = url
        self._username = username
        self._password = password
        self._token: str | None = None

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        fresh = self._token is None
        if self._token is None:
            self._token = self._token_in((yield self._login()))
        request.headers["Authorization"] = f"Bearer {self._token}"
        response = yield request
        if response.status_code == httpx.codes.UNAUTHORIZED and not fresh:
            self._token = self._token_in((yield self._login()))
            request.headers["Authorization"] = f"Bearer {self._token}"
            yield request

    def _login(self) -> httpx.Request:
        return httpx.Request(
            "POST",
            f"{self._url}/auth/token",
            json={"username": self._username, "password": self._password},
        )

    def _token_in(self, response: httpx.Response) -> str:
        if response.status_code in _BUSY:
            response.raise_for_status()
        token = _json(response).get("access_token") if response.is_success else None
        if not isinstance(token, str):
            raise RemoteUnreachableError(
                f"Airflow at {self._url} gave no token to {self._username!r} "
                f"(POST /auth/token: {response.status_code}). Check username and password."
            )
        return token


class Connection:
    """Requests to the REST API of one Airflow, with JSON in and out.

    `requests` counts them, logins and repeats included. `clock_offset` is how far the server's
    clock is ahead of ours, to a second. Raises RemoteUnreachableError where no usable answer comes.
    """

    def __init__(
        self,
        url: str,
        *,
        username: str | None,
        password: str | None,
        token: str | None,
        timeout_s: float,
        attempts: int,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self.url = url.rstrip("/")
        self.requests = 0
        self.clock_offset = timedelta()
        self._attempts = attempts
        self._client = httpx.Client(
            timeout=timeout_s,
            transport=transport,
            event_hooks={"request": [self._count]},
            headers={"Accept": "application/json"},  # a DAG's source would come as plain text
        )
        try:
            self.api, self.version = self._detect()
        except RemoteUnreachableError:
            self._client.close()
            raise
        if token is not None:
            self._client.headers["Authorization"] = f"Bearer {token}"
        elif username is not None:
            self._client.auth = (
                _Login(self.url, username, password or "")
                if self.api == "v2"
                else httpx.BasicAuth(username, password or "")
            )

    def get(self, path: str, parameters: Parameters | None = None) -> Json | None:
        """The answer, None where Airflow knows no such thing (404)."""
        return self._answer("GET", path, parameters=parameters, is_repeatable=True)

    def get_allowed(self, path: str, parameters: Parameters | None = None) -> Json | None:
        """The answer, None also where the user may not see it (403): it can be done without."""
        return self._answer(
            "GET", path, parameters=parameters, is_repeatable=True, without=_NOT_ALLOWED
        )

    def read(self, path: str, body: Json) -> Json:
        """The answer of a listing that is asked for by POST."""
        return self.known(self._answer("POST", path, body=body, is_repeatable=True), path)

    def known(self, answer: Json | None, path: str) -> Json:
        """`answer`, where a 404 (None) cannot come from an Airflow: it has this path."""
        if answer is None:
            raise RemoteUnreachableError(
                f"{self.url} answered 404 to /api/{self.api}{path}, which every Airflow "
                f"{self.version} has. Is something else at this address now?"
            )
        return answer

    def change(self, method: str, path: str, body: Json, *, is_repeatable: bool) -> Json | None:
        """The answer to a change, None for 404. `is_repeatable`: doing it twice does no harm."""
        return self._answer(method, path, body=body, is_repeatable=is_repeatable)

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def _count(self, _request: httpx.Request) -> None:
        self.requests += 1

    def _detect(self) -> tuple[Api, str]:
        """Which REST API answers, and the version of Airflow behind it; neither needs a login."""
        tried = []
        apis: tuple[Api, ...] = ("v2", "v1")
        for api in apis:
            path = f"/api/{api}/version"
            response = self._send("GET", path, is_repeatable=True)
            if response.is_success and isinstance(version := _json(response).get("version"), str):
                self._set_clock(response)
                return api, version
            tried.append(f"GET {path}: {response.status_code}")
        raise RemoteUnreachableError(
            f"{self.url} answers, but not as an Airflow ({', '.join(tried)}). "
            "Check the url; it is the address of the web server, without /api."
        )

    def _set_clock(self, response: httpx.Response) -> None:
        with contextlib.suppress(
            ValueError
        ):  # some servers behind proxies say no date, or nonsense
            date = parsedate_to_datetime(response.headers.get("Date", ""))
            self.clock_offset = date.astimezone(timezone.utc) - datetime.now(timezone.utc)

    def _answer(
        self,
        method: str,
        path: str,
        *,
        is_repeatable: bool,
        parameters: Parameters | None = None,
        body: Json | None = None,
        without: Collection[int] = _NOT_THERE,
    ) -> Json | None:
        """The answer, None for the statuses that can be done without."""
        full = f"/api/{self.api}{path}"
        response = self._send(
            method, full, is_repeatable=is_repeatable, parameters=parameters, body=body
        )
        if response.is_success:
            content = _json(response)
            if not content:
                raise RemoteUnreachableError(
                    f"{self.url} answered {method} {full} with something that is not Airflow's: "
                    f"{response.text[:100]!r}. Is a proxy or a login page in between?"
                )
            return content
        if response.status_code in without:
            return None
        said = f"{method} {full}: {response.status_code} {' '.join(response.text.split())[:300]}"
        if response.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            raise RemoteUnreachableError(
                f"Airflow {self.version} at {self.url} does not let us in ({said}). "
                "Check the username and the password or token, and that the user may do this."
            )
        if response.status_code == httpx.codes.CONFLICT:
            raise RefusedError(f"Airflow at {self.url} has this already ({said}).")
        raise RemoteUnreachableError(f"Airflow {self.version} at {self.url} refused ({said}).")

    def _send(
        self,
        method: str,
        path: str,
        *,
        is_repeatable: bool,
        parameters: Parameters | None = None,
        body: Json | None = None,
    ) -> httpx.Response:
        """One answer below 500, after as many attempts as allowed."""
        again: type[Exception] | Callable[[Exception], bool] = (
            _is_passing if is_repeatable else httpx.ConnectError
        )
        try:
            for attempt in stamina.retry_context(
                on=again, attempts=self._attempts, wait_initial=0.2, wait_max=5.0
            ):
                with attempt:
                    response = self._client.request(
                        method, self.url + path, params=parameters, json=body
                    )
                    if response.status_code in _BUSY:
                        response.raise_for_status()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise RemoteUnreachableError(
                f"Airflow at {self.url} did not answer {method} {path} "
                f"({type(error).__name__}: {error}). "
                "Check the url and that the web server runs and can be reached from here."
            ) from error
        return response


class Connected:
    """What asks one Airflow over one connection, and what there is to know of that."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def connection(self) -> Connection:
        """What its requests go through."""
        return self._connection

    @property
    def url(self) -> str:
        """The address of the web server."""
        return self._connection.url

    @property
    def api(self) -> Api:
        """The version of its REST API."""
        return self._connection.api

    @property
    def version(self) -> str:
        """The version of Airflow, such as 3.3.2."""
        return self._connection.version

    @property
    def requests(self) -> int:
        """How many requests were sent, logins and repeats included."""
        return self._connection.requests

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def _is_passing(error: Exception) -> bool:
    """Whether the same request may be answered a moment later."""
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code in _BUSY
    return isinstance(error, httpx.TransportError) and not isinstance(
        error, httpx.UnsupportedProtocol
    )


def _json(response: httpx.Response) -> Json:
    """The answer's object, empty where it is something else, such as the page of a proxy."""
    try:
        content: JsonValue = response.json()
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
