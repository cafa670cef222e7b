"""Libraries that read settings from the environment (environs, django-environ, envparse, decouple,
prettyconf, starlette's config, python-dotenv, pydantic-settings): a name that nobody supplied is
its default, else what `os.environ[name]` gives.

None of them is run: each would stop at the first name that is missing.
"""

import inspect
import json
import os
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .airflow_values import Supplied
from .assumptions import AssumedText
from .placeholders import Unknown, UnknownBase

NOTHING = object()
READERS = ("Env", "Config", "AutoConfig")  # of these libraries, by the names of their classes


def asked(name: str, default: Any = NOTHING, cast: Any = None) -> Any:
    """The environment's value, `cast` if it was supplied; else the default, else an assumed text.

    Raises KeyError for a name that nobody supplied and that has no default, on the first try.
    """
    environment: Any = os.environ
    if name in environment:
        Supplied.tell(name)
        return _cast(dict.__getitem__(environment, name), cast, name)
    if default is not NOTHING:
        return _cast(default, cast, name) if isinstance(default, str) else default
    return _cast(environment.required(name), cast, name)


def _cast(value: Any, cast: Any, name: str) -> Any:
    if cast is None or cast is str:
        return value
    if isinstance(value, AssumedText) and cast not in (int, float, Path):
        return Unknown(f"os.environ.{name}")
    try:
        return cast(value)
    except Exception:  # noqa: BLE001 - a cast is the user's code
        return Unknown(f"os.environ.{name}")


def _yes(text: Any) -> bool:
    return str(text).strip().lower() in ("1", "true", "t", "yes", "y", "on")


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _pairs(text: str) -> dict[str, str]:
    return {
        key.strip(): value.strip() for key, _, value in (p.partition("=") for p in text.split(","))
    }


_CASTS: dict[str, Callable[[Any], Any]] = {
    "str": str,
    "unicode": str,
    "int": int,
    "float": float,
    "bool": _yes,
    "list": _listed,
    "tuple": lambda text: tuple(_listed(text)),
    "dict": _pairs,
    "json": json.loads,
    "path": Path,
    "url": urllib.parse.urlparse,
}


class Env:
    """`Env()` of environs, django-environ and envparse: `env("X", "default")`, `env.int("X")`."""

    __module__ = "environs"

    def __init__(self, *args: Any, **scheme: Any) -> None:
        self._scheme = scheme  # django-environ's: name=(cast, default)
        self._prefix = ""

    def __call__(self, name: Any, default: Any = NOTHING, *args: Any, **options: Any) -> Any:
        cast, known = self._declared(str(name))
        given = options.get("default", default)
        chosen = options.get("cast", options.get("subcast", cast))
        if isinstance(given, type) or (callable(given) and given is not NOTHING):
            chosen, given = given, args[0] if args else NOTHING  # django-environ: env(name, cast)
        return asked(self._prefix + str(name), known if given is NOTHING else given, chosen)

    def __getattr__(self, kind: str) -> Any:
        if kind.startswith("__"):
            raise AttributeError(kind)
        cast = _CASTS.get(kind)
        if cast is None:
            return Unknown(f"environs.Env().{kind}")

        def read(name: Any, default: Any = NOTHING, *args: Any, **options: Any) -> Any:
            given = options.get("default", default)
            known = self._declared(str(name))[1] if given is NOTHING else given
            return asked(self._prefix + str(name), known, cast)

        return read

    def _declared(self, name: str) -> tuple[Any, Any]:
        said = self._scheme.get(name, (None, NOTHING))
        pair = said if isinstance(said, tuple) else (said,)
        return pair[0], pair[1] if len(pair) > 1 else NOTHING

    @contextmanager
    def prefixed(self, prefix: str) -> Iterator["Env"]:
        """Names inside begin with this."""
        before, self._prefix = self._prefix, self._prefix + prefix
        try:
            yield self
        finally:
            self._prefix = before

    @staticmethod
    def read_env(*args: Any, **options: Any) -> bool:
        """Nothing: a file of settings is supplied by who imports."""
        return False

    read_envfile = read_env

    def seal(self) -> None:
        """Nothing is added later."""


def config(option: Any, default: Any = NOTHING, cast: Any = None, **_: Any) -> Any:
    """decouple's and prettyconf's `config("X", default=…, cast=…)`."""
    return asked(str(option), default, _yes if cast is bool else cast)


config.__module__ = "decouple"


class Config:
    """`Config(".env")` of starlette, `Config(RepositoryEnv(…))` and `AutoConfig()` of decouple."""

    __module__ = "decouple"

    def __init__(self, *args: Any, **options: Any) -> None:
        self._prefix = str(options.get("env_prefix", ""))

    def __call__(self, key: Any, cast: Any = None, default: Any = NOTHING, **_: Any) -> Any:
        if not (cast is None or callable(cast)):
            cast, default = None, cast  # decouple has the default first
        return config(self._prefix + str(key), default, cast)

    get = __call__


class Values(dict[str, Any]):
    """`dotenv_values(".env")`: each name is one of the environment."""

    def __missing__(self, name: str) -> Any:
        return asked(name)

    def get(self, name: str, default: Any = None) -> Any:
        """As `os.environ.get`."""
        return os.environ.get(name) if default is None else asked(name, default)


class BaseSettings(UnknownBase):
    """pydantic's settings: a field is what was given, the environment's, or its default."""

    __module__ = "pydantic_settings"

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        for name, (named, default, annotation) in fields_of(type(self)).items():
            self.__dict__[name] = (
                given[name] if name in given else _field_value(named, default, annotation)
            )


def fields_of(cls: type) -> dict[str, tuple[str, Any, Any]]:
    """Field -> the environment's name for it, its default (NOTHING without one), its annotation."""
    found: dict[str, Any] = {}
    for each in reversed(cls.__mro__):
        if issubclass(each, BaseSettings) and each is not BaseSettings:
            found.update(inspect.get_annotations(each))
    said = {**vars(vars(cls).get("Config", object)), **_mapping(getattr(cls, "model_config", None))}
    prefix = str(said.get("env_prefix", ""))
    return {
        name: (*_named(cls, name, prefix), annotation)
        for name, annotation in found.items()
        if not name.startswith(("_", "model_config"))
    }


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _named(cls: type, name: str, prefix: str) -> tuple[str, Any]:
    default: Any = next((vars(each)[name] for each in cls.__mro__ if name in vars(each)), NOTHING)
    if type(default).__name__ != "FieldInfo":
        return f"{prefix}{name}".upper(), default
    said = (default.validation_alias, _mapping(default.json_schema_extra).get("env"))
    named = next((each for each in said if isinstance(each, str)), f"{prefix}{name}".upper())
    if default.is_required():
        return named, NOTHING
    return named, default.get_default(call_default_factory=True)


def _field_value(named: str, default: Any, annotation: Any) -> Any:
    cast = _BY_ANNOTATION.get(str(getattr(annotation, "__name__", annotation)))
    value = asked(named, default, cast)
    is_text = cast is not None or "str" in str(annotation).replace("SecretStr", "")
    return value if is_text or not isinstance(value, AssumedText) else Unknown(named)


_BY_ANNOTATION: dict[str, Any] = {"str": str, "int": int, "float": float, "bool": _yes}
_DECOUPLED = ("Config", "AutoConfig", "RepositoryEnv", "RepositoryIni", "RepositoryEmpty")
NAMES: dict[str, Any] = {
    "environs.Env": Env,
    "environs.env": Env(),
    "environ.Env": Env,
    "envparse.Env": Env,
    "envparse.env": Env(),
    "prettyconf.config": config,
    "decouple.config": config,
    **{f"decouple.{name}": Config for name in _DECOUPLED},
    "starlette.config.Config": Config,
    "dotenv.dotenv_values": lambda *_, **__: Values(),
    "dotenv.main.dotenv_values": lambda *_, **__: Values(),
    "pydantic_settings.BaseSettings": BaseSettings,
    "pydantic_settings.SettingsConfigDict": dict,
}
