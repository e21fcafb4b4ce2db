"""Numbers and words in code and mathematics: parts of a formula or name, or results typed as one."""

from __future__ import annotations

import re

from paper.lint.text import Atom

# In code: names may hold digits (ks_2samp); what is left without them may not. Dotted and joined names are no words.
NAME = re.compile(r"(?<![\w])[^\W\d]\w*(?:\.[^\W\d]\w*)*")
JOINED = re.compile(r"\w*[._/(=]\w*")

# In mathematics.
TEXT = re.compile(
    r"\\(?:text\w*|math(?:rm|it|bf|sf|tt|normal)|operatorname\*?|[mh]box|emph)\s*\{((?:[^{}]|\{[^{}]*\})*)\}"
)
DIGIT_OR_GROUP = r"\s*(?:(\d)|\{([\d.,\s]+)\})"
FRACTION = re.compile(r"\\[tdc]?frac" + DIGIT_OR_GROUP + DIGIT_OR_GROUP)
# A comma between numbers of a list is followed by space in the source; one inside a number is not.
LISTED = re.compile(r",\s+")
SPACING = re.compile(r"\\(?:[,;:! ]|q?quad\b|left\b|right\b)|[{}~\s]")
SCRIPTS = re.compile(r"[_^](?:\{[^{}]*\}|\w)")
EQUAL = r"(?:[=≈≃∼]|\\(?:approx|sim|simeq|equiv|doteq)(?![A-Za-z]))"
# That something is positive is no number.
ORDER = r"(?:[<>≤≥]|\\(?:geq?|leq?|gt|lt)(?![A-Za-z]))(?!0(?![\d.]))"
# F = 97, but not F = 2TP, where the digit belongs to a term.
EQUALS = re.compile(rf"(?:{EQUAL}|{ORDER})[-+±]?\.?\d(?![A-Za-z(]|\\(?![%\\]))")
NUMBER = re.compile(r"\d\d|\d[.,]\d|(?<!\d)\.\d|\d\\?%|^[^A-Za-z]*\d[^A-Za-z]*$")
RATIO = re.compile(r"(?<!\d)(?!1/2(?!\d))\d/\d")


def is_number(atom: Atom) -> bool:
    """Whether code or mathematics holds a number that was typed."""
    if atom.kind == "code":
        return bool(re.search(r"\d", NAME.sub(" ", atom.text)))
    formula = atom.text
    if any(re.search(r"\d", text) for text in TEXT.findall(formula)):
        return True
    for match in FRACTION.finditer(formula):
        if (match[1] or match[2].strip(), match[3] or match[4].strip()) != ("1", "2"):
            return True
    plain = SPACING.sub("", LISTED.sub(";", FRACTION.sub("h", formula)))
    bare = SPACING.sub("", SCRIPTS.sub("", FRACTION.sub("h", formula)))
    return bool(NUMBER.search(plain) or EQUALS.search(plain) or RATIO.search(bare))


def words(atom: Atom) -> str:
    """The words in it that are neither names in code nor symbols."""
    return JOINED.sub(" ", atom.text) if atom.kind == "code" else re.sub("[{}]", "", "; ".join(TEXT.findall(atom.text)))
