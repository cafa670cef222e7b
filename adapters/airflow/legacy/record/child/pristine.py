"""What a process holds before it runs a file of the code base, and how it is brought back to that,
so that the next file meets what the first one met.

Put back: what names of modules and attributes of classes are bound to, which modules are loaded,
the search path, handlers, filters and traces. What cannot be put back (threads, hooks, libraries
that a file brought in) ends the process: the files that are left get a new one.
"""

import builtins
import gc
import itertools
import logging
import operator
import os
import sys
import threading
import types
import warnings
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from .containment import guard
from .journal import journal

_Cache = TypeVar("_Cache", bound="dict[Any, Any]")
_PAGE = os.sysconf("SC_PAGE_SIZE")
_TO_COLLECT, _TO_END = 64 << 20, 256 << 20  # bytes that a process may have grown by
_OWN = __name__.partition(".")[0]
_IS_OF_HEAP = 1 << 9  # Py_TPFLAGS_HEAPTYPE
# Classes that code is known to change: our own, and those that read, write, log and import.
_WITH_CLASSES = frozenset(
    (_OWN, "json", "yaml", "logging", "importlib", "pathlib", "datetime", "os")
)
_CHANGED_BY_US = ("builtins", "sys")  # for each file
_of_one_file: list[dict[Any, Any]] = []


def of_one_file(cache: _Cache) -> _Cache:
    """The cache, which is empty again when the next file begins."""
    _of_one_file.append(cache)
    return cache


class Pristine:
    """The state of this process now, as far as code can reach it that imports these packages; these
    libraries may be loaded later. To be made before the forks: it touches all objects.
    """

    def __init__(self, imported: Iterable[str], libraries: Iterable[str]) -> None:
        reachable = {*imported, *_CHANGED_BY_US}
        self._loaded = dict(sys.modules)
        self._tops = {name.partition(".")[0] for name in sys.modules} | {*libraries}
        self._owners: list[Any] = []
        self._now: list[Mapping[str, Any]] = []
        self._values_now: list[Iterable[Any]] = []  # that go with what is bound
        self._before: list[dict[str, Any]] = []
        self._often: set[int] = set()  # places in these lists that files were seen to change
        for name, module in self._loaded.items():
            top, _, deeper = name.partition(".")
            has_classes = top in _WITH_CLASSES
            shallow = top not in sys.stdlib_module_names and not has_classes
            if (
                type(module) is types.ModuleType
                and (has_classes or top in reachable)
                and not (deeper and shallow)
            ):
                self._keep(module)
                for each in _classes_of(module) if has_classes else ():
                    self._keep(each)
        self._builtins = dict(vars(builtins))
        self._empty_builtins = vars(builtins).clear
        self._fill_builtins = vars(builtins).update
        lists: tuple[Any, ...] = (sys.path, sys.meta_path, sys.path_hooks, logging.root.handlers)
        self._lists = [(one, list(one)) for one in lists]
        self._filters = list(warnings.filters)
        self._level = logging.root.level
        self._folder = os.getcwd()  # noqa: PTH109
        self._size = self._collected = 0  # bytes

    def begin(self) -> None:
        """Of a process that is to run files: how large it is now."""
        self._size = self._collected = _size()

    def restore(self) -> bool:
        """Bring all back; False where this process must not run another file."""
        self._empty_builtins()
        self._fill_builtins(self._builtins)  # first of all: the rest makes use of them
        sys.settrace(None)
        sys.setprofile(None)
        threading.settrace(None)
        threading.setprofile(None)
        clean = not guard.tainted and len(sys._current_frames()) == 1  # noqa: SLF001
        clean = self._unload() and clean
        clean = self._put_back(self._often) and clean
        if not self._is_same():
            changed = {at for at in range(len(self._owners)) if not self._is_same_at(at)}
            clean = self._put_back(changed) and clean
            self._often |= changed
        for now, before in self._lists:
            now[:] = before
        warnings.filters[:] = self._filters  # type: ignore[index]
        for cache in _of_one_file:
            cache.clear()
        logging.disable(logging.NOTSET)
        logging.root.setLevel(self._level)
        os.chdir(self._folder)
        return self._has_room() and clean

    def _keep(self, owner: Any) -> None:
        self._owners.append(owner)
        self._now.append(vars(owner))
        self._values_now.append(vars(owner).values())
        self._before.append(dict(vars(owner)))

    def _is_same(self) -> bool:
        """All at once, which is far quicker than one by one."""
        if sum(map(len, self._now)) != sum(map(len, self._before)):
            return False
        now = itertools.chain.from_iterable(self._values_now)
        before = itertools.chain.from_iterable(map(dict.values, self._before))
        return all(map(operator.is_, now, before))

    def _is_same_at(self, at: int) -> bool:
        now, before = self._now[at], self._before[at]
        return len(now) == len(before) and all(map(operator.is_, now.values(), before.values()))

    def _put_back(self, places: Iterable[int]) -> bool:
        """False where a class does not take its attribute back."""
        clean = True
        for at in places:
            owner, now, before = self._owners[at], self._now[at], self._before[at]
            if self._is_same_at(at):
                continue
            if isinstance(owner, type):
                clean = _put_back_class(owner, before) and clean
                self._before[at] = dict(vars(owner))  # in the order that it has now
            elif isinstance(now, dict):
                now.clear()
                now.update(before)
        return clean

    def _unload(self) -> bool:
        """Take out what the file loaded; Python's own modules and those of libraries that were
        there, or that are known to do no harm, may stay. False where it brought in another one.
        """
        clean = True
        now = dict(sys.modules)
        known = map(now.get, self._loaded)
        replaced = not all(map(operator.is_, known, self._loaded.values()))
        for name in now if replaced else [each for each in now if each not in self._loaded]:
            module = now[name]
            if self._loaded.get(name) is module:
                continue
            package, _, last = name.rpartition(".")
            if name in self._loaded or not _is_library(module):
                del sys.modules[name]
            elif name.partition(".")[0] in self._tops or name in sys.stdlib_module_names:
                self._loaded[name] = module
                if package in self._loaded and self._loaded[package] in self._owners:
                    self._before[self._owners.index(self._loaded[package])][last] = module
            else:
                clean = False
        if len(sys.modules) < len(self._loaded):
            sys.modules.update(self._loaded)
        return clean

    def _has_room(self) -> bool:
        size = _size()
        if size - self._collected > _TO_COLLECT:
            gc.collect()
            size = self._collected = _size()
        return size - self._size < _TO_END


def _classes_of(module: types.ModuleType) -> list[type]:
    """Those that are defined there, and whose attributes can be set."""
    return [
        each
        for each in vars(module).values()
        if isinstance(each, type)
        and each.__module__ == module.__name__
        and each.__flags__ & _IS_OF_HEAP
    ]


def _put_back_class(one: type, before: dict[str, Any]) -> bool:
    now = vars(one)
    try:
        for name in now.keys() - before.keys():
            type.__delattr__(one, name)
        for name, value in before.items():
            if now.get(name) is not value:
                type.__setattr__(one, name, value)
    except (AttributeError, TypeError):
        return False
    return True


def _is_library(module: Any) -> bool:
    """Neither a stand-in nor of the code base."""
    if type(module) is not types.ModuleType:
        return False
    spec = getattr(module, "__spec__", None)
    file = getattr(module, "__file__", None) or getattr(spec, "origin", None)
    return isinstance(file, str) and not journal.is_user_file(file) and guard.is_library(file)


def _size() -> int:
    """Bytes of memory that this process holds; 0 where the machine does not say."""
    try:
        with open("/proc/self/statm", "rb") as file:  # noqa: PTH123
            return int(file.read().split()[1]) * _PAGE
    except (OSError, ValueError):
        return 0
