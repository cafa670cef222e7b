"""Files, objects and pages that arguments name: addresses, buckets and keys, folders and files."""

from __future__ import annotations

import re
from collections.abc import Iterator

from adapters.airflow.lineage.families.named.arguments import Arguments, Guess
from adapters.airflow.lineage.housekeeping import is_housekeeping
from adapters.airflow.lineage.naming import Kind, direction_named, is_no_place, words_of
from adapters.airflow.lineage.objects import object_url

_STORE = re.compile(
    r"(s3[an]?|gs|gcs|abfss?|wasbs?|adl|hdfs|file|ftp|sftp|oss|dbfs|bigquery)://\S+"
)
_HOST_NAME = re.compile(r"(.*?_?s?ftp)_(?:host(?:name)?|conn_id)")
_WEB = re.compile(r"https?://\S+")
_PATH = re.compile(r"/[\w{}.*-]+(/[\w{}.* -]+)+/?")
_FOLDER = re.compile(r"(/[\w{}* -]+)+/?")
_NAME_IN_FOLDER = re.compile(r"(.*?)_?(file_?name|file|key)")
_BUCKET_NAME = re.compile(r"(.*?)_?(bucket|container)(_name)?")
_KEY_NAME = re.compile(r"(.*?)_?((?:object|blob)(?:_name|_key|_path)?|keys?|prefix|objects)")
_FILE_NAME = re.compile(r"(.*?)_?(file_?name|file_?path|file|path)")
_FOLDER_NAME = re.compile(r"(.*?)_?((?:base_|root_)?(?:path|dir|directory|folder))")
_SCHEMES = (("gcs", "gs"), ("gs", "gs"), ("google", "gs"), ("gcp", "gs"), ("s3", "s3"))
_SCHEMES_OF_CLASSES = (*_SCHEMES, ("aws", "s3"), ("wasb", "wasbs"), ("azure", "wasbs"))


def guesses(given: Arguments) -> Iterator[Guess]:
    """Every file, object and page."""
    yield from _addresses(given)
    yield from _objects(given)
    yield from _files(given)
    yield from _on_hosts(given)


def _addresses(given: Arguments) -> Iterator[Guess]:
    """URLs and absolute paths."""
    for name, texts in given.texts.items():
        if is_no_place(name):
            continue
        for text in map(object_url, texts):
            if is_housekeeping(text):
                continue
            if _STORE.fullmatch(text):
                kind: Kind = "file" if text.startswith("file:") else "object"
                yield Guess(text, name, kind, is_url=True)
            elif _WEB.fullmatch(text) and _is_a_page(name):
                yield Guess(text, name, "web")
            elif _PATH.fullmatch(text) and _is_a_file(name) and not _is_elsewhere(name, given):
                yield Guess(f"file://{text}", name, "file")


def _is_elsewhere(name: str, given: Arguments) -> bool:
    """Whether a path is a bucket's key, or one on another host."""
    if "remote" in words_of(name) and any(given.named(_HOST_NAME)):
        return True
    return bool(_KEY_NAME.fullmatch(name)) and any(given.named(_BUCKET_NAME))


def _objects(given: Arguments) -> Iterator[Guess]:
    """A bucket and the key that belongs to it."""
    for name, begins, buckets in given.named(_BUCKET_NAME):
        if is_no_place(name) or len(buckets) != 1 or "://" in buckets[0]:
            continue
        keys = [*given.beside(name, begins, _KEY_NAME), *given.beside(name, begins, _FILE_NAME)]
        key = next(iter(keys), None)
        for text in given.texts.get(key or "", ()):
            if "://" not in text:
                uri = f"{_store(name, given)}://{buckets[0]}/{text.lstrip('/')}"
                yield Guess(uri, name if direction_named(name) else key or name, "object")


def _files(given: Arguments) -> Iterator[Guess]:
    """A file in a folder that another argument names."""
    for name, begins, folders in given.named(_FOLDER_NAME):
        if len(folders) != 1 or not _FOLDER.fullmatch(folders[0]):
            continue
        for key in given.beside(name, begins, _NAME_IN_FOLDER):
            for text in given.texts[key]:
                if key != name and not text.startswith("/") and "://" not in text:
                    yield Guess(f"file://{folders[0].rstrip('/')}/{text}", name, "file")


def _on_hosts(given: Arguments) -> Iterator[Guess]:
    """A path from or to which something goes, on a host or connection that another argument
    names.
    """
    for name, begins, hosts in given.named(_HOST_NAME):
        scheme = begins.rpartition("_")[2]
        for path, _, texts in given.named(_FILE_NAME):
            is_meant = "remote" in words_of(path) if name.endswith("conn_id") else False
            if is_meant or (direction_named(path) and not name.endswith("conn_id")):
                yield Guess(f"{scheme}://{hosts[0]}/{texts[0].lstrip('/')}", path, "object")


def _store(name: str, given: Arguments) -> str:
    """The scheme of a bucket: by the argument, else by the class and the connections."""
    if "container" in words_of(name):
        return "wasbs"
    connections = " ".join(key for key in given.task.arguments if key.endswith("conn_id"))
    for text, schemes in ((name, _SCHEMES), (f"{given.name} {connections}", _SCHEMES_OF_CLASSES)):
        for word, scheme in schemes:
            if word in text.lower():
                return scheme
    return "s3"


def _is_a_page(name: str) -> bool:
    words = {"url", "uri", "src", "source", "download", "endpoint"}
    return direction_named(name) != "write" and not words.isdisjoint(words_of(name))


def _is_a_file(name: str) -> bool:
    return bool(_FILE_NAME.fullmatch(name)) or direction_named(name) is not None
