"""Templates as far as they are known before a run: by the macros and filters that a DAG brings
along, which are real functions, and by Variables that were supplied.

What only a run knows stays as it is written: `{{ place(ds) }}` becomes `s3://b/{{ ds }}`.
"""

import re
from pathlib import PurePath
from typing import Any

from . import containment
from .airflow_values import Supplied
from .journal import journal
from .redaction import looks_secret

_EXPRESSION = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_BLOCK = re.compile(r"\{%(.*?)%\}", re.DOTALL)
_VARIABLE = r"\bvar\s*\.\s*(?:value|json)\b"
_OPEN, _CLOSE = "\ue000", "\ue001"  # signs for private use: nobody writes them
_MARK = re.compile(f"{_OPEN}([^{_OPEN}{_CLOSE}]*){_CLOSE}")
_SECONDS = 2.0  # of one DAG's macros
_ABSENT = object()


class Filling:
    """Fills the templates of one DAG."""

    def __init__(self, dag: Any) -> None:
        self._macros = _by_name(dag.user_defined_macros)
        self._filters = _by_name(dag.given.get("user_defined_filters"))
        names = "|".join(map(re.escape, {**self._macros, **self._filters}))
        own = rf"\b(?:{names})\b" if names else r"(?!)"
        variables = _VARIABLE if Supplied.variables else rf"{_VARIABLE}\s*\.\s*get\b"
        self._own, self._asked = re.compile(own), re.compile(f"{own}|{variables}")
        self._known: dict[str, str] = {}
        self._environment: Any = None
        self._is_over = False  # one of the DAG's functions took too long

    def filled(self, value: Any) -> Any:
        """JSON with the templates among its texts filled."""
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, list):
            return [self.filled(each) for each in value]
        if isinstance(value, dict):
            return {key: self.filled(each) for key, each in value.items()}
        return value

    def _text(self, text: str) -> str:
        if "{{" not in text or self._asked.search(text) is None:
            return text
        if any(map(self._asked.search, _BLOCK.findall(text))):
            return self._rendered(text)
        return _EXPRESSION.sub(
            lambda found: self._rendered(found[0]) if self._asked.search(found[0]) else found[0],
            text,
        )

    def _rendered(self, text: str) -> str:
        """The text where all it asks for could be had, else as it was."""
        if text not in self._known:
            is_over = self._is_over and self._own.search(text) is not None
            self._known[text] = text if is_over else self._tried(text)
        return self._known[text]

    def _tried(self, text: str) -> str:
        try:
            containment.interrupt_after(_SECONDS)
            containment.arm()
            found = self._run(text)
        except (containment.TookTooLong, containment.EndedItself, MemoryError):
            self._is_over = True
            return text
        except (Exception, SystemExit):  # noqa: BLE001 - user code, of any form
            return text
        finally:
            containment.stop_the_clock()
            containment.disarm()
        found = _MARK.sub(r"{{ \1 }}", found)
        return text if _OPEN in found or _CLOSE in found else found

    def _run(self, text: str) -> str:
        from jinja2 import meta  # noqa: PLC0415 - loaded where a template needs it
        from jinja2.sandbox import SandboxedEnvironment  # noqa: PLC0415 - as above

        if self._environment is None:
            self._environment = SandboxedEnvironment(finalize=_printable, cache_size=0)
            self._environment.filters.update(self._filters)
        names = meta.find_undeclared_variables(self._environment.parse(text))
        context: dict[str, Any] = {name: _Later(name) for name in names}
        context.update(var=_Variables(), **self._macros)
        return str(self._environment.from_string(text).render(context))


def _by_name(given: Any) -> dict[str, Any]:
    return (
        {key: each for key, each in given.items() if isinstance(key, str)}
        if (type(given) is dict)
        else {}
    )


def _printable(value: Any) -> Any:
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, (str, int, float)):
        return value
    raise TypeError("this is no text")


class _Later(str):
    """What only a run knows: any use of it is written down as it would be in a template."""

    __slots__ = ("source",)
    source: str

    def __new__(cls, source: str) -> "_Later":
        made = super().__new__(cls, f"{_OPEN}{source}{_CLOSE}")
        made.source = source
        return made

    def __getattribute__(self, name: str) -> Any:
        if name in ("unsafe_callable", "alters_data"):
            return False  # the sandbox asks before it calls
        if name == "source" or name.startswith("__"):
            return super().__getattribute__(name)
        return _Later(f"{self.source}.{name}")

    def __call__(self, *args: Any, **named: Any) -> "_Later":
        given = [_source(each) for each in args]
        given += [f"{name}={_source(each)}" for name, each in named.items()]
        return _Later(f"{self.source}({', '.join(given)})")

    def __getitem__(self, item: Any) -> Any:
        if isinstance(item, slice):
            ends = ["" if each is None else _source(each) for each in (item.start, item.stop)]
            if item.step is None:
                return _Later(f"{self.source}[{':'.join(ends)}]")
        return _Later(f"{self.source}[{_source(item)}]")

    def _unknown(self, *args: Any) -> Any:
        raise TypeError(f"{self.source} is known when it runs")

    __len__ = __iter__ = __contains__ = __hash__ = __eq__ = __ne__ = _unknown
    __lt__ = __le__ = __gt__ = __ge__ = __bool__ = _unknown


def _source(value: Any) -> str:
    if isinstance(value, _Later):
        return value.source
    if isinstance(value, (str, int, float)) and _OPEN not in str(value):
        return repr(value)
    raise TypeError("this cannot be written in a template")


class _Variables:
    """`var` of a template."""

    def __init__(self) -> None:
        self.value = _Values(decoded=False)
        self.json = _Values(decoded=True)


class _Values:
    """`var.value` and `var.json`: Variables that were supplied; none whose name says it is one to
    hide.
    """

    def __init__(self, *, decoded: bool) -> None:
        self._decoded = decoded

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self.get(name)

    def get(self, name: str, *default: Any, **named: Any) -> Any:
        """The value; the default where none was supplied, else what is written."""
        if looks_secret(name):
            return _Later(self._written(name))
        if name in Supplied.variables:
            return _shown(Supplied.variable(name, decoded=self._decoded))
        found = named.get("default_var", default[0] if default else _ABSENT)
        if found is _ABSENT:
            return _Later(self._written(name))
        message = f"the Variable {name} is not known; the file's default is taken"
        journal.note("info", "variable_default", message, place=(journal.file, 0))
        return found

    def _written(self, name: str) -> str:
        return f"var.{'json' if self._decoded else 'value'}.{name}"


def _shown(value: Any) -> Any:
    """Without what is below a name that says it is to be hidden."""
    if isinstance(value, dict):
        return {key: _shown(each) for key, each in value.items() if not looks_secret(str(key))}
    return [_shown(each) for each in value] if isinstance(value, list) else value
