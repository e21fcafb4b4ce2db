"""The text of a PDF, page by page or as one run that does not depend on where lines and pages break."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path


def pages(path: Path) -> list[str]:
    """The text of each page of a PDF. Raises ValueError where it is none."""
    import pypdfium2  # type: ignore[import-untyped]

    try:
        with pypdfium2.PdfDocument(path) as document:
            return [page.get_textpage().get_text_range() for page in document]
    except pypdfium2.PdfiumError as error:
        raise ValueError(str(error)) from None


def running(texts: Sequence[str]) -> str:
    """The text of all pages on one line, without running titles and page numbers."""
    lines = [text.splitlines() for text in texts]
    heads = Counter(page[0] for page in lines if page)
    body: list[str] = []
    for number, page in enumerate(lines, 1):
        if page:
            # The number of the page stands on a line of its own, or after the hyphen that ended the line before.
            page[-1] = re.sub(rf"(^|[\ufffe-]){number}$", r"\1", page[-1].strip())
            body += page[heads[page[0]] > 1 :]
    # A break after a hyphen, or at a place where a long word may break, is no space.
    text = re.sub("[\u200b\u2060\u00ad]\\s*", "", " ".join(body).replace("\ufffe", "-"))
    return re.sub(r"(?<=[\w/]-)\s+", "", " ".join(text.split()))
