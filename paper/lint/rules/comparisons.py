"""Words that compare or rank, and so depend on the data: they belong into a claim."""

from __future__ import annotations

import re
from collections.abc import Iterator

from paper.lint import code_and_math
from paper.lint.text import Document, Hit

COMPARATIVES = """more less fewer higher lower larger smaller greater bigger better worse nearer farther closer
 stronger weaker faster slower longer shorter wider narrower rarer easier harder simpler steeper heavier
 lighter tighter looser broader deeper richer poorer safer cheaper likelier younger cleaner noisier"""
SUPERLATIVES = """most least fewest best worst highest lowest largest smallest greatest biggest nearest farthest
 furthest closest strongest weakest fastest slowest longest shortest widest narrowest rarest easiest hardest
 simplest steepest heaviest lightest tightest commonest likeliest broadest deepest richest poorest"""
VERBS = """win wins won winning winner winners outperform outperforms outperformed outperforming beat beats beaten
 surpass surpasses surpassed exceed exceeds exceeded exceeding dominate dominates dominated trail
 trails trailed lag lags lagged tie tied outnumber outnumbers outnumbered superior inferior majority minority
 predominantly mostly mainly chiefly largely
 lead leads leading led outdo outdoes outdid outdone outdoing outclass outclasses outrank outranks
 rises rose drops increases increased decreases decreased declines declined grows grew"""
OTHERS = """foremost utmost unmatched unrivalled unbeaten unsurpassed optimal optimally never rarely seldom neither
 significantly"""
# 'Earlier', 'later' and 'further' order the text or the flows more often than they compare: left to the reader.
PLAIN = sorted({*COMPARATIVES.split(), *SUPERLATIVES.split(), *VERBS.split(), *OTHERS.split()})
NOT_SUPERLATIVE = """test tests forest rest interest request west east guest nest honest modest latest earliest digest
 suggest invest harvest contest protest attest manifest conquest quest chest arrest inquest behest tempest zest
 pest lest midwest detest vest crest bequest ingest retest est jest"""
NOUN = (
    r"(?:(?:\w+|[\w-]+)\s+)?(?:features?|flows?|attacks?|models?|types?|classes|class|errors?|tests?|rules?|alarms?"
    r"|rows?|columns?|differences?|intervals?|forests?|pairs?)"
)
QUANTIFIED = (
    r"none",
    r"nothing",
    r"nobody",
    rf"no\s+(?:single\s+|other\s+|two\s+)?{NOUN}",
    rf"(?:not|hardly|scarcely|barely)\s+(?:a\s+single|any|one)\s+{NOUN}",
    r"all\s+of",
    r"all\s+but",
    r"every\s+one\s+of",
    r"each\s+of",
    r"(?:nearly|almost|virtually|practically)\s+(?:all|every|none|no)",
    rf"(?:all|every)\s+(?:of\s+)?(?:the\s+|these\s+|those\s+)?{NOUN}",
    r"not\s+one\s+of",
    r"the\s+(?:bulk|lion[’']s\s+share)\s+of",
    r"ahead\s+of",
    r"(?:comes?|came|ranks?|ranked)\s+(?:first|last|top)",
    # The forest is first; but not: it is first fitted.
    r"(?:is|are)\s+(?:first|last|top)(?=\s*[.,;:]|\s+(?:by|in|among|of|on|with)\b|$)",
    rf"(?:the|a|its|our)\s+top(?:-\w+)?(?=\s+\w)|top\s+{NOUN}",
    r"by\s+far",
    r"(?:loses?|lost|losing)\s+(?:out\s+)?to",
    r"improv(?:e|es|ed|ing|ement)\s+(?:up)?on|improves|improved\s+over",
    r"(?:above|below)\s+(?:that|those)\s+of",
    r"(?:falls?|fell|fallen|dropped|drop|rise|risen|increase|decrease)\s+(?:to|from|below|under|above|short|behind)",
    r"hardly\s+any",
    r"as\s+\w+\s+as",
    r"equally",
    r"the\s+same\s+\w+\s+as",
    r"(?:differs?|differ)\s+(?:little|hardly|much)",
)
# Steadier than, sharpest; but not rather than, and not IGNORED.
BY_FORM = (r"[a-z]{3,}(?<!rath)(?<!oth)er\s+than", r"[a-z]{3,}est")
WORDS = re.compile(
    r"\b(?:" + "|".join((*(re.escape(word) for word in PLAIN), *QUANTIFIED, *BY_FORM)) + r")\b",
    re.IGNORECASE,
)
IGNORED = {word.lower() for word in NOT_SUPERLATIVE.split()}


def comparisons(document: Document) -> Iterator[Hit]:
    """Comparative, superlative and all-or-none words outside a claim."""
    for passage in document.passages:
        for match in WORDS.finditer(passage.text):
            if match[0].lower() not in IGNORED and not passage.at(match.start()).claimed:
                yield Hit(passage, match.start(), match.end())
        for start, atom in passage.wrapped():
            for match in WORDS.finditer(code_and_math.words(atom)):
                if match[0].lower() not in IGNORED and not atom.claimed:
                    yield Hit(passage, start, start + 1, match[0])
