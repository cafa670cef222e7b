"""Resources of a run: variables, set up once, torn down whatever happens."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pydantic import PrivateAttr, ValidationError, field_validator, model_validator

from bridge import (
    AssetExecutionContext,
    ConfigurableIOManager,
    ConfigurableResource,
    EnvVar,
    InitResourceContext,
    InputContext,
    OutputContext,
    ResourceParam,
    asset,
    asset_check,
    build_asset_context,
    build_resources,
    materialize,
)
from bridge.errors import ConfigError, ExecutionError

SECRET = "hunter2-and-more"  # noqa: S105 - no real one
Trail = list[str]


class Connection(ConfigurableResource):
    trail: Any
    name: str = "db"
    _open: bool = PrivateAttr(default=False)

    def setup_for_execution(self, context: InitResourceContext) -> None:
        self.trail.append(f"{self.name} up as {context.resource_name}")
        self._open = True

    def teardown_after_execution(self, context: InitResourceContext) -> None:
        self.trail.append(f"{self.name} down")
        self._open = False

    def query(self) -> bool:
        return self._open


class Warehouse(ConfigurableResource):
    connection: Connection
    password: str = ""
    port: int = 5432

    def setup_for_execution(self, context: InitResourceContext) -> None:
        self.connection.trail.append(f"warehouse up, open {self.connection.query()}")

    def teardown_after_execution(self, context: InitResourceContext) -> None:
        self.connection.trail.append(f"warehouse down, open {self.connection.query()}")


@pytest.fixture
def secret(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("PASSWORD", SECRET)
    monkeypatch.setenv("PORT", "6543")
    return SECRET


def test_a_resource_is_set_up_once_a_run_and_torn_down_at_its_end() -> None:
    trail: Trail = []

    @asset
    def first(db: Connection) -> None:
        assert db.query()

    @asset(deps=[first])
    def second(db: Connection) -> None:
        assert db.query()

    @asset_check(asset=second)
    def right(db: Connection) -> bool:
        return db.query()

    assert materialize([first, second, right], resources={"db": Connection(trail=trail)}).success
    assert trail == ["db up as db", "db down"]


def test_a_resource_that_nobody_asks_for_is_not_set_up() -> None:
    trail: Trail = []

    @asset
    def orders() -> int:
        return 1

    materialize([orders], resources={"db": Connection(trail=trail)})

    assert trail == []


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt(), SystemExit(3)])
def test_it_is_torn_down_also_where_the_run_fails_or_is_cancelled(error: BaseException) -> None:
    trail: Trail = []

    @asset
    def orders(db: Connection) -> None:
        raise error

    with pytest.raises((ExecutionError, KeyboardInterrupt, SystemExit)):
        materialize([orders], resources={"db": Connection(trail=trail)})

    assert trail == ["db up as db", "db down"]


def test_nested_resources_are_up_first_and_down_last_and_shared() -> None:
    trail: Trail = []
    connection = Connection(trail=trail)

    @asset
    def orders(warehouse: Warehouse, db: Connection) -> None:
        assert warehouse.connection is db

    materialize(
        [orders], resources={"warehouse": Warehouse(connection=connection), "db": connection}
    )

    assert trail == [
        "db up as warehouse.connection",
        "warehouse up, open True",
        "warehouse down, open True",
        "db down",
    ]


def test_one_that_cannot_be_torn_down_keeps_no_other_from_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    trail: Trail = []

    class Broken(ConfigurableResource):
        def teardown_after_execution(self, context: InitResourceContext) -> None:
            raise OSError("gone")

    @asset
    def orders(db: Connection, broken: Broken) -> None: ...

    resources = {"db": Connection(trail=trail), "broken": Broken()}
    assert materialize([orders], resources=resources).success
    assert trail[-1] == "db down"
    assert "the resource broken could not be torn down" in caplog.text


def test_one_that_cannot_be_set_up_fails_the_asset_that_asked() -> None:
    class Broken(ConfigurableResource):
        def setup_for_execution(self, context: InitResourceContext) -> None:
            raise OSError("nobody answers")

    @asset
    def healthy() -> int:
        return 1

    @asset
    def orders(broken: Broken) -> None: ...

    result = materialize([healthy, orders], resources={"broken": Broken()}, raise_on_error=False)

    assert [str(key) for key in result.materialized()] == ["healthy"]
    assert "nobody answers" in str(result.steps[1].message)


def test_a_resource_may_do_it_all_in_one_context_manager() -> None:
    trail: Trail = []

    class Client(ConfigurableResource):
        @contextmanager
        def yield_for_execution(self, context: InitResourceContext) -> Iterator[str]:
            trail.append("in")
            yield "a session"
            trail.append("out")

    @asset
    def orders(client: Client) -> None:
        trail.append(str(client))

    materialize([orders], resources={"client": Client()})

    assert trail == ["in", "a session", "out"]


def test_a_plain_object_is_handed_on_as_it_is() -> None:
    class Plain:
        def __enter__(self) -> None:
            raise AssertionError("nobody asked for this")

        def __exit__(self, *_: object) -> None: ...

    plain, seen = Plain(), []

    @asset
    def orders(client: ResourceParam[Plain], db: Connection) -> None:
        seen.append(client)

    materialize([orders], resources={"client": plain, "db": Connection(trail=[])})

    assert seen == [plain]


def test_variables_are_read_when_a_run_needs_them(monkeypatch: pytest.MonkeyPatch) -> None:
    class Api(ConfigurableResource):
        url: str
        port: int
        retries: int
        headers: dict[str, str]

        @field_validator("url")
        @classmethod
        def _has_scheme(cls, url: str) -> str:
            if not url.startswith("https://"):
                raise ValueError("no scheme")
            return url

        @model_validator(mode="after")
        def _fits(self) -> Api:
            if len(self.url) > 100:
                raise ValueError("too long")
            return self

    api = Api(
        url=EnvVar("URL"),
        port=EnvVar.int("PORT"),
        retries=EnvVar("RETRIES"),  # type: ignore[arg-type]
        headers={"Authorization": EnvVar("TOKEN")},
    )
    seen: list[Any] = []

    @asset
    def orders(api: Api) -> None:
        seen.append((api.url, api.port, api.retries, api.headers))

    for name, value in {"URL": "https://x", "PORT": "1", "RETRIES": "2", "TOKEN": "t"}.items():
        monkeypatch.setenv(name, value)
    materialize([orders], resources={"api": api})

    assert seen == [("https://x", 1, 2, {"Authorization": "t"})]


def test_a_variable_may_be_a_resource_itself(secret: str) -> None:
    seen: list[Any] = []

    @asset
    def orders(password: ResourceParam[str], port: ResourceParam[int]) -> None:
        seen.append((password, port))

    materialize([orders], resources={"password": EnvVar("PASSWORD"), "port": EnvVar.int("PORT")})

    assert seen == [(secret, 6543)]


def test_a_missing_variable_is_told_before_anything_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PASSWORD", raising=False)
    ran: list[int] = []

    @asset
    def first() -> None:
        ran.append(1)

    @asset(deps=[first])
    def orders(warehouse: Warehouse) -> None: ...

    warehouse = Warehouse(connection=Connection(trail=[]), password=EnvVar("PASSWORD"))
    with pytest.raises(
        ConfigError, match=r"field password of the resource 'warehouse'.* PASSWORD, .*not set"
    ):
        materialize([first, orders], resources={"warehouse": warehouse})
    assert ran == []
    materialize([first], resources={"warehouse": warehouse})
    assert ran == [1]


def test_a_nested_missing_variable_says_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NAME", raising=False)

    @asset
    def orders(warehouse: Warehouse) -> None: ...

    nested = Warehouse(connection=Connection(trail=[], name=EnvVar("NAME")))
    with pytest.raises(ConfigError, match=r"field connection.name of the resource 'warehouse'"):
        materialize([orders], resources={"warehouse": nested})


def test_the_other_fields_are_checked_at_once() -> None:
    with pytest.raises(ValidationError, match="port"):
        Warehouse(connection=Connection(trail=[]), password=EnvVar("P"), port="many")  # type: ignore[arg-type]
    with pytest.raises(ValidationError, match="passwort"):
        Warehouse(connection=Connection(trail=[]), passwort=EnvVar("P"))  # type: ignore[call-arg]


def test_a_secret_is_in_no_text(
    secret: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    warehouse = Warehouse(connection=Connection(trail=[]), password=EnvVar("PASSWORD"))
    texts = [repr(warehouse)]

    @asset
    def orders(context: AssetExecutionContext, warehouse: Warehouse) -> None:
        assert warehouse.password == secret
        context.log.info("with %s and %r", warehouse, warehouse)
        texts.append(repr(warehouse))

    materialize([orders], resources={"warehouse": warehouse})
    texts.append(caplog.text)
    monkeypatch.setenv("PORT", secret)

    class Strict(ConfigurableResource):
        port: int

    for port in (EnvVar.int("PORT"), EnvVar("PORT")):

        @asset
        def strict(db: Strict) -> None: ...

        with pytest.raises((ConfigError, ExecutionError), match="PORT") as told:
            materialize([strict], resources={"db": Strict(port=port)})  # type: ignore[arg-type]
        texts.append(str(told.value))
        assert told.value.__cause__ is None

    assert all(secret not in text for text in texts)
    assert "EnvVar('PASSWORD')" in texts[1]


def test_reading_a_variable_too_early_is_an_error() -> None:
    for early in (EnvVar("X"), EnvVar.int("X")):
        with pytest.raises(ValueError, match="was read before"):
            f"{early}"
        with pytest.raises(ValueError, match="was read before"):
            str(early)


def test_a_variable_says_its_value_where_it_is_asked(secret: str) -> None:
    assert EnvVar("PASSWORD").get_value() == secret
    assert EnvVar("NO_SUCH").get_value("other") == "other"
    assert EnvVar.int("PORT").get_value() == 6543
    assert EnvVar.int("NO_SUCH").get_value() is None


def test_an_io_manager_with_settings_is_a_resource(secret: str) -> None:
    stored: dict[str, Any] = {}

    class Shelf(ConfigurableIOManager):
        label: str
        shelf: Any

        def handle_output(self, context: OutputContext, obj: Any) -> None:
            self.shelf[f"{self.label}/{context.asset_key}"] = obj

        def load_input(self, context: InputContext) -> Any:
            return self.shelf[f"{self.label}/{context.asset_key}"]

    @asset
    def orders() -> int:
        return 3

    @asset
    def doubled(orders: int) -> int:
        return orders * 2

    shelf = Shelf(label=EnvVar("PASSWORD"), shelf=stored)
    assert materialize([orders, doubled], resources={"io_manager": shelf}).success
    assert stored == {f"{secret}/orders": 3, f"{secret}/doubled": 6}


def test_resources_outside_of_a_run(secret: str) -> None:
    trail: Trail = []

    with build_resources({"db": Connection(trail=trail), "password": EnvVar("PASSWORD")}) as found:
        assert found.db.query()
        assert found.password == secret

    assert trail == ["db up as db", "db down"]


def test_a_resource_that_is_not_there_is_told_by_name() -> None:
    context = build_asset_context(resources={"db": 1})

    with pytest.raises(AttributeError, match=r"no resource 'bd' here \(there are: db\)"):
        context.resources.bd  # noqa: B018
