"""Which scripts of the code base a task starts as programs of their own: `python x.py --day …` in a
command, a file that an argument names, a notebook.
"""

# Plain os.path: quicker to load, and the user's code may have changed pathlib.

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ..shell import Command, commands
from . import loaded, sources
from .located import is_common, located

ENDINGS = (".py", ".ipynb")
_MOST = 8  # scripts of one task
_DEEPEST = 3  # of scripts that start scripts
_PYTHON = re.compile(r"(?:python|pypy)[\d.]*")
_SHELLS = frozenset(("sh", "bash", "zsh", "ksh", "dash"))
_SUBMITS = frozenset(("spark-submit", "spark2-submit", "spark3-submit", "spark_submit", "gcloud"))
_NOTEBOOKS = frozenset(("papermill", "jupyter", "runipy"))
_STARTS = re.compile(
    r"(?:^|[\s/'\"(])(?:python|pypy|spark[23]?[-_]submit|papermill|jupyter)|\.py\b|\.sh\b"
)
_TEMPLATE = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_MARK = re.compile(r"jinja(\d+)mark")
_STATEMENT = re.compile(r"\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_VARIABLE = re.compile(r"(?<!\{)\{(\w+)\}(?!\})")
# Arguments that hold code to be imported, installed, copied or run by something else.
_NOT_STARTED = re.compile(
    r"(?:py_?files|files|archives|jars?|.*_file_uris|py_modules|init_scripts?|bootstrap.*|setup.*"
    r"|librar.*|packages|requirements.*|params|op_args|op_kwargs|templates_.*|python_callable|dag"
    r"|(?:local|remote)_(?:file)?paths?|src|dst|dest_key|.*callback|doc.*|env|env_vars|environment|to|html_content|body|message|text|outlets|inlets)",
    re.IGNORECASE,
)
_GIVEN = re.compile(r"(?:.*_)?(?:args|arguments|parameters|options|params)|entryPointArguments")
_ENVIRONMENTS = ("env", "env_vars", "environment", "environment_variables")


@dataclass(slots=True)
class Start:
    """One script that is started: its file (or `code` itself), the words and the named values that
    it is given. `is_sure` is False where only the name of a file somewhere else says which it is.
    """

    path: str
    is_sure: bool = True
    words: list[str] = field(default_factory=list)
    named: dict[str, Any] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    code: str | None = None


class Starts:
    """What one task starts, by its arguments."""

    def __init__(self, beside: str) -> None:
        self.beside = beside
        self.found: list[Start] = []
        self.environment: dict[str, str] = {}
        self.has_image = False  # whose files are its own
        self._templates: list[str] = []

    def of_arguments(self, given: dict[str, Any]) -> None:
        """The scripts that an operator's arguments name."""
        known = {name: loaded.value_of(value) for name, value in given.items()}
        self.has_image = "image" in known
        for name in _ENVIRONMENTS:
            self.environment.update(_pairs(known.get(name)))
        self._mapping(known)

    def of_command(self, command: Any) -> None:
        """The scripts that a command starts, given as a text or as its words."""
        if isinstance(command, str):
            self._text(command, "")
        elif isinstance(command, list):
            self._list(command)

    def distinct(self) -> list[Start]:
        """All that were found, each once."""
        kept: dict[str, Start] = {}
        for each in self.found:
            kept.setdefault(repr((each.path, each.words, each.named, each.code)), each)
        return list(kept.values())[:_MOST]

    def _mapping(self, given: dict[Any, Any]) -> None:
        first = next((given[name] for name in ("cmds", "entrypoint") if name in given), None)
        second = next((given[name] for name in ("arguments", "command") if name in given), None)
        if first is not None and second is not None:  # of a container: the second goes on
            self._list([*_words(first), *_words(second)])
            given = {key: each for key, each in given.items() if each not in (first, second)}
        for name, value in given.items():
            if not isinstance(name, str) or _NOT_STARTED.fullmatch(name):
                continue
            if name == "application_file" and isinstance(value, str):
                self._application(value)
            elif isinstance(value, str):
                is_file = value.endswith(ENDINGS) and not re.search(r"\s", value.strip())
                if is_file or name in ("notebook_path", "notebook"):
                    self._file(value, given)
                else:
                    self._text(value, name)
            elif isinstance(value, dict):
                self._mapping(value)
            elif isinstance(value, list):
                self._list(value)

    def _application(self, value: str) -> None:
        """A Spark application as Kubernetes is told of one: a YAML text, or a file of it."""
        text: str | None = value
        if value.strip().endswith((".yaml", ".yml")) and "\n" not in value:
            path, _ = located(value.strip(), None, self.beside)
            text = sources.text_of(path) if path is not None else None
        found = sources.decoded(self._plain(text), "yaml") if text is not None else None
        if isinstance(found, dict):
            self._mapping(self._restored(found))

    def _restored(self, value: Any) -> Any:
        """A value with its templates in the place of the words for them."""
        if isinstance(value, dict):
            return {key: self._restored(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self._restored(each) for each in value]
        return self._put_back(value) if isinstance(value, str) else value

    def _list(self, value: list[Any]) -> None:
        if value and all(isinstance(each, (str, int, float)) for each in value):
            words = [self._plain(str(each)) for each in value]
            if len(words) > 1:
                self._command(Command(words=tuple(words)), None, 0)
            for each in words:
                if re.search(r"\s", each):
                    self._text(each, "")
            return
        for each in value:
            if isinstance(each, dict):
                self._mapping(each)
            elif isinstance(each, list):
                self._list(each)

    def _text(self, text: str, name: str, depth: int = 0) -> None:
        if not _STARTS.search(text) or len(text) > 1 << 16:
            return
        stripped = text.strip()
        is_command = name in ("bash_command", "command", "cmd", "ssh_command")
        if not re.search(r"\s", stripped) and stripped.endswith((".sh", ".bash")):
            if is_command or depth:
                self._shell_script(stripped, None, depth)
            return
        try:
            parsed = commands(self._plain(text), self.environment)
        except ValueError:
            return
        folder: str | None = None
        for each in parsed:
            if each.name == "cd" and len(each.words) > 1:
                folder = None if "*" in each.words[1] else self._put_back(each.words[1])
            self._command(each, folder, depth)

    def _command(self, command: Command, folder: str | None, depth: int) -> None:
        words = [self._put_back(word) for word in command.words]
        names = [word.rpartition("/")[2] for word in words]
        at = next((n for n, name in enumerate(names) if _PYTHON.fullmatch(name)), None)
        shell = next((n for n, name in enumerate(names) if name in _SHELLS), None)
        if at is not None and (shell is None or at < shell):
            self._python(words[at + 1 :], command, folder)
        elif not _SUBMITS.isdisjoint(names) or not _NOTEBOOKS.isdisjoint(names):
            after = next(n for n, name in enumerate(names) if name in _SUBMITS | _NOTEBOOKS)
            self._first_script(words[after + 1 :], folder)
        elif words[0].endswith(".py"):
            self._add(words[0], words[1:], folder)
        elif shell is not None and "-c" in "".join(words[shell + 1 : shell + 2]):
            for word in words[shell + 2 : shell + 3]:
                self._text(word, "", depth)
        else:
            at = shell + 1 if shell is not None else 1 if names[0] in ("source", ".") else 0
            rest = [word for word in words[at:] if not word.startswith("-")]
            if rest and rest[0].endswith((".sh", ".bash")):
                self._shell_script(rest[0], folder, depth)

    def _plain(self, text: str) -> str:
        """A command with plain words for its templates, at whose signs a shell would part it."""

        def word(found: re.Match[str]) -> str:
            self._templates.append(found[0])
            return f"jinja{len(self._templates) - 1}mark"

        return _TEMPLATE.sub(word, _STATEMENT.sub(" ", text))

    def _put_back(self, word: str) -> str:
        """The word with its templates, and `{{ NAME }}` for a variable that nothing sets."""
        word = _VARIABLE.sub(r"{{ \1 }}", word)
        return _MARK.sub(lambda found: self._templates[int(found[1])], word)

    def _python(self, words: list[str], command: Command, folder: str | None) -> None:
        while words:
            word = words.pop(0)
            if word == "-m" and words:
                self._module(words[0], words[1:])
                return
            if word == "-c" and words:
                self._code(words[0], words[1:])
                return
            if word in ("-W", "-X"):
                words = words[1:]
            elif word == "-":
                break
            elif not word.startswith("-"):
                self._add(word, words, folder)
                return
        if command.fed:
            self._code(self._put_back(command.fed), words)

    def _first_script(self, words: list[str], folder: str | None) -> None:
        for number, word in enumerate(words):
            if word.endswith(ENDINGS) and words[number - 1] not in ("--py-files", "--files"):
                rest = [each for each in words[number + 1 :] if each != "--"]
                self._add(word, rest, folder, _papermill(rest) if word.endswith(".ipynb") else {})
                return

    def _code(self, code: str, words: list[str]) -> None:
        start = Start(self.beside, words=words, environment=self.environment, code=code)
        self.found.append(start)

    def _module(self, name: str, words: list[str]) -> None:
        for inside in (name, f"{name}.__main__"):
            path = sources.module_file(inside, self.beside)
            if path is not None and not path.endswith("__init__.py"):
                self.found.append(Start(path, words=words, environment=self.environment))
                return

    def _shell_script(self, name: str, folder: str | None, depth: int) -> None:
        path, _ = located(name, folder, self.beside)
        text = sources.text_of(path) if path is not None and depth < _DEEPEST else None
        if path is None or text is None:
            return
        before, self.beside = self.beside, path
        self._text(f"{text}\n", "", depth + 1)
        self.beside = before

    def _add(
        self, name: str, words: list[str], folder: str | None, named: dict[str, Any] | None = None
    ) -> None:
        path, is_sure = located(name, folder, self.beside)
        if self.has_image and "/" not in name.removeprefix("./"):
            path, is_sure = None if is_common(name) else path, False
        if path is not None:
            self.found.append(Start(path, is_sure, words, named or {}, self.environment))

    def _file(self, name: str, beside: dict[Any, Any]) -> None:
        """A script by its place alone, with the arguments that stand beside it."""
        words: list[str] = []
        named: dict[str, Any] = {}
        for key, value in beside.items():
            if not isinstance(key, str) or key == "params" or not _GIVEN.fullmatch(key):
                continue
            if isinstance(value, dict):
                named.update({str(k).lstrip("-"): each for k, each in value.items()})
                for option, each in value.items():
                    if isinstance(each, (str, int, float)):
                        words += [f"--{str(option).lstrip('-')}", str(each)]
            elif isinstance(value, list):
                words += [str(each) for each in value if isinstance(each, (str, int, float))]
        places = [name] if name.endswith(ENDINGS) else [name + ending for ending in ENDINGS]
        for each in places:
            path, is_sure = located(each, None, self.beside)
            if path is not None:
                environment = {**self.environment}
                self.found.append(Start(path, is_sure, words, named, environment))
                return


def _words(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value] if isinstance(value, str) else []


def _pairs(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        yield from ((str(key), str(each)) for key, each in value.items() if _is_text(each))
    for each in value if isinstance(value, list) else ():
        if isinstance(each, dict) and _is_text(each.get("value")):
            yield str(each.get("name")), str(each["value"])


def _is_text(value: Any) -> bool:
    return isinstance(value, (str, int, float))


def _papermill(words: list[str]) -> dict[str, Any]:
    """`-p name value`: what a notebook is given."""
    found: dict[str, Any] = {}
    for number, word in enumerate(words[:-2]):
        if word in ("-p", "-r", "--parameters", "--parameters_raw"):
            found[words[number + 1]] = words[number + 2]
    return found
