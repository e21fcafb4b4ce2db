# What the numbers are worth: the steps of the paper's second part. Each file adds its own to FINDINGS.

FINDINGS = []


include: "source_models.smk"
include: "other_conditions.smk"
include: "feature_sizes.smk"
