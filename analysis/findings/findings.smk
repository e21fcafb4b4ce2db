# What the numbers are worth: the steps of the paper's second part. Each file adds its own to FINDINGS.

FINDINGS = []


include: "missed.smk"
include: "robustness.smk"
include: "transfer.smk"
include: "worth.smk"
include: "simple_rules.smk"
include: "sizes.smk"
