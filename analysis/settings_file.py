"""Whether a file of settings can be read: the message of the workflow, which reads it next, names no file or line."""

from __future__ import annotations

import sys
from pathlib import Path

import yaml

from analysis.errors import UserError, run


def check(path: Path) -> None:
    """UserError where the file is no YAML (or JSON) of settings, with file and line."""
    try:
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"CONFIG: {path} cannot be read ({error.strerror}); give a file of settings") from None
    except UnicodeDecodeError:
        raise UserError(f"CONFIG: {path} is not text in UTF-8; save it as such") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "a character that YAML does not allow"
        raise UserError(f"CONFIG: {path}{place}: not readable as YAML ({problem}); see config/study.yaml") from None
    if not isinstance(found, dict) or not found:
        raise UserError(f"CONFIG: {path} holds no settings; write them as in config/study.yaml, 'name: value' in lines")


if __name__ == "__main__":
    run(lambda: check(Path(sys.argv[1])))
