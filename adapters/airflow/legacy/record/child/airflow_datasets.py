"""Stand-ins for datasets and assets, and what a schedule says in any of its many forms."""

from datetime import date, datetime, timedelta
from typing import Any

from .placeholders import Unknown
from .pristine import of_one_file


class Asset:
    """`Dataset("uri")` of 2.x and `Asset("name", "uri")` of 3.x."""

    def __init__(self, name: Any = None, uri: Any = None, **others: Any) -> None:
        self.name = str(name if name is not None else uri)
        self.uri = str(uri if uri is not None else name)
        self.extra = others.get("extra") or {}
        self.group = others.get("group", "asset")

    @staticmethod
    def ref(name: Any = None, uri: Any = None) -> "Asset":
        """A reference by name or URI to an asset defined elsewhere."""
        return Asset(name, uri)

    def __or__(self, other: Any) -> "AssetSet":
        return AssetSet(self, other)

    def __and__(self, other: Any) -> "AssetSet":
        return AssetSet(self, other)

    def __hash__(self) -> int:
        return hash(self.uri)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Asset) and self.uri == other.uri

    def __fspath__(self) -> str:
        return self.uri

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Unknown(f"Asset.{name}")


class AssetAlias(Asset):
    """A name that stands for assets known at run time only; not a dataset itself."""

    def __init__(self, name: Any = None, **others: Any) -> None:
        super().__init__(name, f"alias://{name}", **others)


class AssetSet:
    """`a & b`, `AssetAny(...)`: any or all of several."""

    def __init__(self, *parts: Any) -> None:
        self.parts = parts

    def __or__(self, other: Any) -> "AssetSet":
        return AssetSet(self, other)

    __and__ = __or__


def uris(value: Any) -> list[str]:
    """The dataset URIs in what `inlets`, `outlets` or `schedule` hold; aliases and unknown things
    are left out.
    """
    if isinstance(value, AssetAlias):
        return []
    if isinstance(value, Asset):
        return [value.uri]
    if isinstance(value, AssetSet):
        return [uri for part in value.parts for uri in uris(part)]
    if isinstance(value, (list, tuple, set, frozenset)):
        return [uri for part in value for uri in uris(part)]
    if isinstance(value, str) and "://" in value:
        return [value]
    named = getattr(value, "__dict__", {}).get("asset_uri")
    return [named] if isinstance(named, str) else []


class Timetable:
    """Base of user timetables and of those Airflow brings; keeps what it was given."""

    _stand_in = True
    description = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.args = args
        self.kwargs = kwargs

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Unknown(f"Timetable.{name}")


_made: dict[str, type] = of_one_file({})


def timetable_class(name: str) -> type:
    """The stand-in of one of Airflow's own timetables."""
    if name not in _made:
        _made[name] = type(name, (Timetable,), {"_stand_in": True})
    return _made[name]


_PRESETS = {
    "@hourly",
    "@daily",
    "@midnight",
    "@weekly",
    "@monthly",
    "@quarterly",
    "@yearly",
    "@annually",
}


def describe_schedule(given: dict[str, Any]) -> dict[str, Any]:
    """The Schedule of a DAG's arguments, as the snapshot holds it."""
    for name in ("schedule", "schedule_interval", "timetable"):
        if name in given and not (
            name != "schedule" and given[name] is None and "timetable" in given
        ):
            return _described(given[name])
    return {"kind": "unset"}


def _described(value: Any) -> dict[str, Any]:  # noqa: PLR0911 - one per form of schedule
    if value is None or value == "None":
        return {"kind": "none", "text": "None"}
    if isinstance(value, str):
        text = str(value).strip()
        if text in ("@once", "@continuous"):
            return {"kind": text[1:], "text": text}
        is_cron = text in _PRESETS or len(text.split()) in (5, 6)
        return (
            {"kind": "cron", "text": text, "cron": text}
            if is_cron
            else {"kind": "unknown", "text": text}
        )
    if isinstance(value, timedelta):
        return {"kind": "interval", "text": str(value), "interval_s": value.total_seconds()}
    if type(value).__name__ == "relativedelta":
        return {"kind": "interval", "text": "relativedelta"}
    if isinstance(value, (Asset, AssetSet, list, tuple, set)):
        return {"kind": "datasets", "text": "datasets", "datasets": sorted(set(uris(value)))}
    if isinstance(value, Timetable) or hasattr(type(value), "next_dagrun_info"):
        return _timetable(value)
    return {"kind": "unknown", "text": type(value).__name__}


def _timetable(value: Any) -> dict[str, Any]:
    name = type(value).__name__
    args: tuple[Any, ...] = tuple(getattr(value, "__dict__", {}).get("args", ()))
    kwargs: dict[str, Any] = dict(getattr(value, "__dict__", {}).get("kwargs", {}))
    named = {"NullTimetable": "none", "OnceTimetable": "once", "ContinuousTimetable": "continuous"}
    if name in named:
        return {"kind": named[name], "text": name}
    found = uris([*args, kwargs.get("assets"), kwargs.get("datasets")])
    inner = kwargs.get("timetable")
    if found or inner is not None:
        cron = _timetable(inner).get("cron") if isinstance(inner, Timetable) else None
        return {"kind": "datasets", "text": name, "datasets": sorted(set(found)), "cron": cron}
    cron = kwargs.get("cron", args[0] if args and isinstance(args[0], str) else None)
    spans = [one for one in (*args, *kwargs.values()) if isinstance(one, timedelta)]
    if name in ("DeltaDataIntervalTimetable", "DeltaTriggerTimetable") and spans:
        span = spans[0].total_seconds()
        return {"kind": "interval", "text": f"{name}({spans[0]})", "interval_s": span}
    shown = [
        str(value)
        for value in (*args, *kwargs.values())
        if isinstance(value, (str, date, datetime, timedelta))
    ]
    return {
        "kind": "timetable",
        "text": f"{name}({', '.join(shown)})",
        "cron": str(cron) if isinstance(cron, str) and cron else None,
    }
