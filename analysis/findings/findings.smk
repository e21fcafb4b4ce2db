# What the numbers are worth: the second part of the paper.

FINDINGS = []


include: "robustness.smk"
include: "simple_rules.smk"
