"""A shell script as its commands: words, redirections and the text they are fed; nothing is run.

Enough of the language for the scripts that tasks hold: quotes, pipes, lists, assignments,
variables and arrays of words, here-documents, loops over words. Conditions are read as if every
branch ran once.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace

_HERE = re.compile(r"<<-?\s*(['\"]?)(\w+)\1([^\n]*)\n(.*?)\n[ \t]*\2[ \t]*(?=\n|$)", re.DOTALL)
_HERE_WORD = re.compile(r"heredoc(\d+)word")
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
_VARIABLE = re.compile(r"\$(?:\{(\w+)(?:[:%#/^,-][^}]*)?\}|(\w+))")
_ALL_ITEMS = re.compile(r"\$\{(\w+)\[[@*]\]\}")
_SUBSTITUTION = re.compile(r"\$\(\([^()]*\)\)|\$\((?:[^()]|\([^()]*\))*\)|`[^`]*`", re.DOTALL)
_TEXT_OF = re.compile(r"(?:\$\(|`)\s*(?:cat\s+|<\s*)([^\s()`|;]+\.(?:sql|hql))\s*(?:\)|`)")
TEXT_OF = "text-of:"  # begins a word that is the text of a file
_COMMENT = r"(?<!\S)#[^\n]*"
_QUOTED = r"'[^']*'|\"(?:\\.|[^\"\\])*\""
_SPECIAL = re.compile(rf"{_QUOTED}|{_COMMENT}|{_SUBSTITUTION.pattern}", re.DOTALL)
_ARRAY = re.compile(
    rf"{_QUOTED}|{_COMMENT}|(?<![\w$])(?P<name>[A-Za-z_]\w*)=\((?P<items>[^()]*)\)", re.DOTALL
)
_OPTIONS = re.compile(r"--?[A-Za-z]")
_ENDS = frozenset({";", "&", "&&", "|", "||", "\n", "(", ")", ";;", "|&"})
_KEYWORDS = frozenset(
    ("if", "then", "else", "elif", "fi", "do", "done", "while", "until", "!", "{", "}", "time")
)
_LAUNCHERS = frozenset(("sudo", "exec", "nohup", "command", "env", "timeout", "nice"))
_WITH_VALUE = frozenset(("-u", "-g", "-n", "-k", "-s"))  # options of launchers
_ASKED = ("PGHOST", "PGPORT", "PGDATABASE")  # by libpq: psql, pg_dump
_ANYTHING = "*"  # the part of a word that only a run knows
_MOST_TURNS = 20
_MOST_WORDS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command: `words` begin with its name; files by `<`, `>`; `fed` is a here-document;
    `piped` are the words of the command before the pipe that feeds it, `asked` the variables that
    clients of databases ask for where they are told no server. `feeds`: it is piped into another.
    """

    words: tuple[str, ...]
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    fed: str | None = None
    piped: tuple[str, ...] = ()
    asked: tuple[tuple[str, str], ...] = ()
    feeds: bool = False

    @property
    def name(self) -> str:
        """The program's name without its folder."""
        return self.words[0].rpartition("/")[2]


def commands(script: str, variables: Mapping[str, str] | None = None) -> list[Command]:
    """All commands of a script, in order. A variable that nothing sets stays as `{NAME}`.

    Raises ValueError where quotes do not close, or for a script of more than 20,000 words.
    """
    fed: list[str] = []

    def _keep(match: re.Match[str]) -> str:
        fed.append(match[4])
        return f"<< heredoc{len(fed) - 1}word{match[3]}"

    text = _HERE.sub(_keep, script.replace("\\\n", " "))
    text = _ALL_ITEMS.sub(r"${\1}", _ARRAY.sub(_as_words, text))
    text = _TEXT_OF.sub(rf"{TEXT_OF}\1", text)
    text = _SPECIAL.sub(_plain, text)
    lexer = shlex.shlex(text, posix=True, punctuation_chars=";&|<>()\n")
    lexer.whitespace = " \t\r"
    lexer.whitespace_split = True
    lexer.commenters = ""
    known = dict(variables or {})
    found: list[Command] = []
    words: list[str] = []
    is_piped = False
    loops: list[tuple[str, list[str]]] = []
    for number, word in enumerate(lexer):
        if number > _MOST_WORDS:
            raise ValueError(f"more than {_MOST_WORDS:,} words")
        if word in _ENDS or not word.strip("\n"):
            found += _after(found, _in_loops(words, known, fed, loops), is_piped=is_piped)
            is_piped = word in ("|", "|&")
            if is_piped and found:
                found[-1] = replace(found[-1], feeds=True)
            words = []
        else:
            words.append(word)
    return found + _after(found, _in_loops(words, known, fed, loops), is_piped=is_piped)


def _in_loops(
    words: list[str], known: dict[str, str], fed: list[str], loops: list[tuple[str, list[str]]]
) -> list[Command]:
    """The command, once for each turn of the loops that it is in."""
    if words[:1] == ["for"] and words[2:3] == ["in"]:
        items = [each for word in words[3:] for each in _expanded(word, known).split()]
        loops.append((words[1], items[:_MOST_TURNS]))
        return []
    if words[:1] == ["while"] or words[:1] == ["until"]:
        loops.append(("", []))
    if words[:1] == ["done"] and loops:
        loops.pop()
    turns: list[dict[str, str]] = [{}]
    for name, items in loops:
        turns = [{**one, name: item} for one in turns for item in items or ["*"]][:_MOST_TURNS]
    found: list[Command] = []
    for one in turns:
        known.update(one)
        found += [each for each in _command(list(words), known, fed) if each not in found]
    return found


def _after(before: list[Command], now: list[Command], *, is_piped: bool) -> list[Command]:
    if not is_piped or not before:
        return now
    return [replace(each, piped=before[-1].words) for each in now]


def _as_words(match: re.Match[str]) -> str:
    """`t=(a "b" # first\n c)` as `t='a b c'`, where its items are words."""
    if match["name"] is None:
        return match[0]
    try:
        items = shlex.split(match["items"], comments=True)
    except ValueError:
        return match[0]
    return f"{match['name']}={shlex.quote(' '.join(items))}"


def _plain(match: re.Match[str]) -> str:
    """A comment is nothing, what another command prints is anything; quotes keep their text."""
    text = match[0]
    if text.startswith("'"):
        return text
    if text.startswith("#"):
        return ""
    if not text.startswith('"'):
        return _ANYTHING
    return _SUBSTITUTION.sub(_ANYTHING, text.replace("\\`", "\0")).replace("\0", "`")


def _command(words: list[str], known: dict[str, str], fed: list[str]) -> list[Command]:
    """The command in these words, none where they only assign; assignments are remembered."""
    rest, reads, writes, text = _redirections(_split(words, known), fed)
    while rest and (rest[0] in _KEYWORDS or rest[0] in _LAUNCHERS):
        launcher = rest.pop(0)
        while launcher in _LAUNCHERS and rest and (rest[0].startswith("-") or rest[0].isdigit()):
            if rest.pop(0) in _WITH_VALUE:
                del rest[:1]
    if rest and rest[0] in ("export", "local", "declare", "readonly"):
        rest.pop(0)
    while rest and (assigned := _ASSIGNMENT.fullmatch(rest[0])):
        known[assigned[1]] = assigned[2]
        rest.pop(0)
    if rest and rest[0] == "for":
        return []
    if not rest:
        return []
    asked = tuple((name, known[name]) for name in _ASKED if known.get(name))
    return [
        Command(words=tuple(rest), reads=tuple(reads), writes=tuple(writes), fed=text, asked=asked)
    ]


def _split(words: list[str], known: Mapping[str, str]) -> list[str]:
    """The words with what their variables hold; one that holds a program or options is several."""
    found: list[str] = []
    for word in words:
        text = _expanded(word, known)
        is_several = _VARIABLE.fullmatch(word) and (not found or _OPTIONS.match(text))
        found += text.split() if is_several and text.strip() else [text]
    return found


def _redirections(
    words: list[str], fed: list[str]
) -> tuple[list[str], list[str], list[str], str | None]:
    rest: list[str] = []
    reads: list[str] = []
    writes: list[str] = []
    text: str | None = None
    waiting = iter(words)
    for word in waiting:
        if word in ("<", ">", ">>", "<<", "<<<", ">|", "&>", ">&"):
            if rest and rest[-1].isdigit() and word in (">", ">>", ">&"):
                number = rest.pop()
            else:
                number = "1"
            target = next(waiting, "")
            here = _HERE_WORD.fullmatch(target)
            if here:
                text = fed[int(here[1])]
            elif word == "<<<":
                text = target
            elif word == "<":
                reads.append(target)
            elif number == "1" and word != ">&":
                writes.append(target)
        else:
            rest.append(word)
    return rest, reads, writes, text


def _expanded(word: str, known: Mapping[str, str]) -> str:
    def value(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        return known.get(name, "{" + name + "}")

    return _VARIABLE.sub(value, word)
