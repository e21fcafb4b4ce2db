"""YAML as libyaml reads it, many times as fast, where PyYAML was built with it; the same values from both."""

from __future__ import annotations

from typing import Any

import yaml

SAFE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
