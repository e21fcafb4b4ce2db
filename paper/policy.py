"""What the page's policy needs to know: the hash by which it allows the page's one script."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from analysis.record import write_atomically


def write_hash(folder: Path) -> None:
    """Write the hash of ``page.js`` beside it, as a policy names it: the filter that writes the policy has no SHA-256.

    Raises FileNotFoundError where ``folder`` has no script.
    """
    digest = hashlib.sha256((folder / "page.js").read_bytes()).digest()
    with write_atomically(folder / "page.js.hash") as temporary:
        temporary.write_text(f"sha256-{base64.b64encode(digest).decode('ascii')}", encoding="ascii")
