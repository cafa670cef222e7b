"""The page's text: a template with every value escaped, and the stylesheet in it."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from adapters.airflow.legacy.report.content import Content

_HERE = Path(__file__).parent


def page_of(content: Content) -> str:
    """One HTML document; equal contents give equal bytes."""
    environment = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("page.html.jinja").render(content=content)
