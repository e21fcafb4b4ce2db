"""Whether a call of the workflow runs no step: dry runs, lists of rules, graphs."""

from __future__ import annotations

from collections.abc import Sequence

LOOKS = (
    "dryrun", "lint", "list_rules", "list_target_rules", "print_compilation", "dag", "rulegraph", "filegraph", "d3dag",
    "summary", "detailed_summary", "list_changes", "list_input_changes", "list_params_changes", "list_untracked",
    "list_conda_envs",
)  # fmt: skip
"""Options of Snakemake that run nothing, by the names its parser gives them."""


def only_looks(arguments: Sequence[str]) -> bool:
    """Whether the arguments of a call of Snakemake ask for nothing to be run.

    Snakemake's own parser tells, since the workflow does not know what it is read for until it has been read.
    """
    from snakemake.cli import get_argument_parser

    options, _ = get_argument_parser().parse_known_args(list(arguments))
    return any(getattr(options, look, None) not in (None, False) for look in LOOKS)
