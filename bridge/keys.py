"""AssetKey: the name of one data asset, in every system that handles it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Protocol, TypeAlias

from bridge.errors import DefinitionError

CoercibleToAssetKey: TypeAlias = "AssetKey | str | Sequence[str] | HasKey"


class HasKey(Protocol):
    """Anything that stands for exactly one asset, such as a decorated function or an AssetSpec."""

    @property
    def key(self) -> AssetKey:
        """The one asset it stands for; raises DefinitionError where there are several."""
        ...


class AssetKey:
    """Path components: `AssetKey("orders")`, `AssetKey(["marts", "orders"])`.

    One of no component prints nothing and names no asset: `AssetSpec` refuses it. Immutable,
    hashable, ordered by its components. `str(key)` joins them with "/", escapes a "/" or a "\\"
    inside one with a backslash, and is what `AssetKey.parse` reads back.
    """

    __slots__ = ("_hash", "path")

    path: tuple[str, ...]

    def __init__(self, path: str | Sequence[str]) -> None:
        components = (path,) if isinstance(path, str) else tuple(path)
        if not all(isinstance(component, str) for component in components):
            raise DefinitionError(
                f"{path!r} is no asset key. Give a name or a list of names, such as ['marts', "
                "'orders']."
            )
        object.__setattr__(self, "path", components)
        object.__setattr__(self, "_hash", hash(components))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"AssetKey is immutable: cannot set {name}")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AssetKey) and self.path == other.path

    def __lt__(self, other: AssetKey) -> bool:
        return self.path < other.path

    def __hash__(self) -> int:
        return self._hash  # type: ignore[no-any-return, attr-defined]

    def __repr__(self) -> str:
        return f"AssetKey({list(self.path)!r})"

    def __str__(self) -> str:
        joined = "/".join(self.path)
        if "\\" not in joined and joined.count("/") == len(self.path) - 1:
            return joined
        return "/".join(_escape(component) for component in self.path)

    def __reduce__(self) -> tuple[type[AssetKey], tuple[tuple[str, ...]]]:
        return AssetKey, (self.path,)

    @property
    def key(self) -> AssetKey:
        """Itself, so that a key can stand wherever something that has one is taken."""
        return self

    @classmethod
    def parse(cls, text: str) -> AssetKey:
        """The key whose `str` is `text`."""
        if "\\" not in text:
            return cls(text.split("/"))
        components, current, escaped = [], "", False
        for sign in text:
            if escaped or sign not in "\\/":
                current, escaped = current + sign, False
            elif sign == "\\":
                escaped = True
            else:
                components.append(current)
                current = ""
        return cls([*components, current])

    @classmethod
    def from_user_string(cls, text: str) -> AssetKey:
        """Split at every "/", as the reference system does; a "/" inside a component is lost."""
        return cls(text.split("/"))

    @classmethod
    def from_coercible(cls, value: CoercibleToAssetKey) -> AssetKey:
        """The key that a key, a name, a list of names, or a thing with a key stands for."""
        if isinstance(value, AssetKey):
            return value
        if isinstance(value, (str, list, tuple)):
            return cls(value)
        key = getattr(value, "key", None)
        if isinstance(key, AssetKey):
            return key
        raise DefinitionError(
            f"{value!r} is no asset. Give a key, a name, a list of names, or an asset."
        )

    def to_user_string(self) -> str:
        """Components joined by "/", unescaped."""
        return "/".join(self.path)

    def to_string(self) -> str:
        """The components as a JSON list: unambiguous, and how the reference system stores keys."""
        return json.dumps(list(self.path))

    def to_python_identifier(self) -> str:
        """Components joined by two underscores: readable, not injective (see `dag_safe_id`)."""
        return "__".join(self.path).replace("-", "_").replace(".", "_")

    def with_prefix(self, prefix: str | Sequence[str]) -> AssetKey:
        """This key below `prefix`."""
        components = (prefix,) if isinstance(prefix, str) else tuple(prefix)
        return AssetKey((*components, *self.path))

    def has_prefix(self, prefix: Sequence[str]) -> bool:
        """Whether the first components are `prefix`."""
        return self.path[: len(prefix)] == tuple(prefix)


def _escape(component: str) -> str:
    return component.replace("\\", "\\\\").replace("/", "\\/")


def coerce_keys(values: Iterable[CoercibleToAssetKey]) -> tuple[AssetKey, ...]:
    """The keys of several assets, in order."""
    return tuple(AssetKey.from_coercible(value) for value in values)
