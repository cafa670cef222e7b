"""Secrets that stand in the source: named, never shown."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from adapters.airflow.legacy.about import about_file
from adapters.airflow.legacy.findings.whole import Whole
from adapters.airflow.legacy.snapshot import Finding

_NAME = re.compile(
    r"(^|[_.-])(password|passwd|pwd|secret|token|api_?key|access_key(_id)?|secret_key|"
    r"private_?key|credentials?)$",
    re.IGNORECASE,
)
_PLAIN_NAME = re.compile(r"[\w.-]{1,60}")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SHAPES = (
    ("an AWS access key", re.compile(r"\b(AKIA|ASIA)[0-9A-Z]{16}\b")),
    ("a GitHub token", re.compile(r"\bgh[pousr]_[A-Za-z0-9]{36,}\b")),
    ("a Slack token", re.compile(r"\bxox[abp]-[A-Za-z0-9-]{10,}")),
    ("a Google API key", re.compile(r"\bAIza[0-9A-Za-z_-]{35}\b")),
    ("a Telegram bot's token", re.compile(r"(?<!\d)\d{8,10}:AA[A-Za-z0-9_-]{33}(?![\w-])")),
    ("a private key", re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")),
    (
        "a Slack webhook",
        re.compile(r"hooks\.slack\.com/services/T[A-Z0-9]+/B[A-Z0-9]+/[A-Za-z0-9]{16,}"),
    ),
    (
        "a password in a URL",
        re.compile(
            r"^[a-z][a-z0-9+.-]*://[^\s/:@{}$%]*:(?!pass(word)?@|\*+@|x+@)[^\s/@{}$%<>]+@\S+$", re.I
        ),
    ),
)
_SHORTEST = 4
# What only names a secret kept elsewhere, or fills a place.
_ELSEWHERE = re.compile(
    r"[{}<>$\s]|^[/.~]|^[A-Z0-9]+(_[A-Z0-9]+)+$|^[a-z]+([-_./:][a-z]+)+$|^(x+|\*+|\.+|todo|"
    r"changeme|dummy|none|null|test|secret|password|token|basic|bearer|str|string)$|^projects/|^arn:"
)


def secrets_in_source(whole: Whole) -> Iterator[Finding]:
    """One finding a place: a literal under the name of a secret, or one that looks like a key."""
    for file, tree in sorted(whole.trees.items()):
        seen: set[tuple[int, str]] = set()
        for line, what in _named_secrets(tree):
            seen.add((line, what))
        told = {line for line, _ in seen}
        seen |= {(line, what) for line, what in _shaped_secrets(tree) if line not in told}
        for line, what in sorted(seen):
            message = f"{what} stands in the source; move it to a connection and renew it"
            yield about_file(file, "secret_in_source", message, line=line)


def _named_secrets(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        for name, value in _pairs(node):
            if (
                isinstance(value, ast.Constant)
                and isinstance(value.value, str)
                and _PLAIN_NAME.fullmatch(name)
                and _NAME.search(_CAMEL.sub("_", name))
                and len(value.value) >= _SHORTEST
                and not _ELSEWHERE.search(value.value)
            ):
                yield value.lineno, f"the value of {name}"


def _pairs(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Names and what is written for them: assignments, arguments, defaults, entries of dicts."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            yield from ((name, node.value) for name in _name_of(target))
    elif isinstance(node, ast.AnnAssign) and node.value is not None:
        yield from ((name, node.value) for name in _name_of(node.target))
    elif isinstance(node, ast.Call) and not _is_kubernetes_secret(node):
        yield from ((each.arg, each.value) for each in node.keywords if each.arg is not None)
    elif isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield key.value, value
    elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        arguments = [*node.args.posonlyargs, *node.args.args]
        defaults = node.args.defaults
        if defaults:
            pairs = zip(arguments[-len(defaults) :], defaults, strict=True)
            yield from ((argument.arg, value) for argument, value in pairs)


def _name_of(target: ast.expr) -> Iterator[str]:
    if isinstance(target, ast.Name):
        yield target.id
    elif isinstance(target, ast.Attribute):
        yield target.attr
    elif (
        isinstance(target, ast.Subscript)
        and isinstance(target.slice, ast.Constant)
        and isinstance(target.slice.value, str)
    ):
        yield target.slice.value


def _is_kubernetes_secret(call: ast.Call) -> bool:
    """`Secret(secret="airflow-secrets", key=…)` names where the secret is kept."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    return name == "Secret"


def _shaped_secrets(tree: ast.Module) -> Iterator[tuple[int, str]]:
    docs = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            for what, shape in _SHAPES:
                if shape.search(node.value):
                    yield node.lineno, what
                    break
