"""What is said of a setting that there is none of."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.errors import ConfigError
from bridge.project import find_project


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("stores = 'x'", "there is no setting stores. Did you mean store?"),
        (
            "generate = { targets = '3' }",
            "there is no setting generate.targets. Did you mean generate.target?",
        ),
        ("zzz = 1", "there is no setting zzz. Remove it, or check its table."),
    ],
)
def test_an_unknown_setting_is_named_with_the_file_and_the_nearest(
    tmp_path: Path, text: str, said: str
) -> None:
    file = tmp_path / "bridge.toml"
    file.write_text(text)

    with pytest.raises(ConfigError) as refusal:
        find_project(tmp_path)

    assert str(refusal.value) == f"Settings in {file} are wrong: {said}"


def test_a_known_setting_with_a_wrong_value_is_named_with_an_example(tmp_path: Path) -> None:
    (tmp_path / "bridge.toml").write_text("definitions = 3")

    with pytest.raises(ConfigError, match=r"definitions: .*In pyproject.toml: \[tool.bridge\]"):
        find_project(tmp_path)
