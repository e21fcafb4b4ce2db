from __future__ import annotations

import pytest

from analysis.errors import UserError
from analysis.settings_file import check


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"seed: 1\n{{{\n", "line 3: not readable as YAML"),
        (b"seed: [1\ndata: x\n", "line 2: not readable as YAML"),
        (b"seed: \x07\n", "not readable as YAML"),
        (b"", "holds no settings"),
        (b"# seed: 1\n", "holds no settings"),
        (b"[1, 2]", "holds no settings"),
        (b"\xff\xfe", "not text in UTF-8"),
        (None, "cannot be read"),
    ],
)
def test_a_file_that_holds_no_settings_is_named(content, message, tmp_path):
    path = tmp_path / "mine.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError, match=message) as error:
        check(path)
    assert str(error.value).startswith(f"CONFIG: {path}")


@pytest.mark.parametrize("content", ["seed: 2\n", '{"seed": 2}'])
def test_settings_in_yaml_or_json_pass(content, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(content, encoding="utf-8")
    check(path)
