"""What was fitted on what is told from the workflow's graph and from what the fits say of themselves."""

from __future__ import annotations

import re

from paper.audit.learnt import before, by_depth, edges_of, learnt_section, line, sees
from paper.audit.markup import written

GRAPH = """
    clean --> split
    split --> select
    select --> fit
    fit --> scores
    scores --> gather
    %% fit <-- clean, split
"""


def fit(**rest):
    factors = {"split": "random", "duplicates": "keep", "labels": "cleaned", "repetition": 0, "features": "selected",
               "target": "binary"}  # fmt: skip
    fold = {
        "fold": "random",
        "reason": None,
        "n_train": 80,
        "n_train_all": 100,
        "n_test": 1_025,
        "features": ["a", "b"],
    }
    return {"group": ["random"], "name": "forest", "factors": factors, "folds": [fold | rest]}


RULES = {
    "clean": "Clean.",
    "split": "Split.",
    "select": "Rank.",
    "fit": "Fit.",
    "scores": "Score.",
    "gather": "Gather.",
}


def told(page, step):
    """The cells of a step's row, as texts."""
    row = re.search(rf'<tr id="step-{step}">(.*?)</tr>', page)
    return [re.sub("<.*?>", "", cell) for cell in re.findall("<td.*?>(.*?)</td>", row[1])]


def test_each_step_up_to_the_fit_says_all_that_it_reads_from_in_the_order_in_which_they_run():
    page = written(learnt_section(GRAPH, RULES, [fit()]))
    assert re.findall('<tr id="step-(\\w+)">', page) == ["clean", "split", "select", "fit", "scores"]
    assert told(page, "fit") == [
        "fit",
        "Fit.",
        "fits on training flows, answers for test flows",
        "clean, select, split",
    ]
    assert told(page, "select") == ["select", "Rank.", "training flows alone", "split"]
    assert told(page, "clean")[2:] == ["all flows", ""]
    assert told(page, "split")[2] == "says which flows train and which test"
    assert told(page, "scores") == ["scores", "Score.", "fit"]


def test_a_name_of_a_step_leads_to_its_row():
    page = written(learnt_section(GRAPH, RULES, [fit()]))
    links = set(re.findall('href="#(.*?)"', page))
    assert "step-split" in links <= set(re.findall('<tr id="(.*?)"', page))
    assert page.index('id="step-fit"') < page.index("<details>") < page.index('id="step-scores"')


def test_this_workflow_leads_from_the_split_to_the_fit_and_learns_after_the_split_alone(root):
    edges = edges_of((root / "docs/workflow.md").read_text(encoding="utf-8"))
    needs = {one: {first for first, second in edges if second == one} for edge in edges for one in edge}
    order = [step for step in by_depth(needs) if step in before("fit", needs)]
    assert [step for step in order if step in ("ingest", "clean", "split", "select")] == [
        "ingest", "clean", "split", "select",
    ]  # fmt: skip
    assert {"clean", "split", "select"} <= needs["fit"]
    assert sees("select", needs) == sees("screen", needs) == "training flows alone"


def test_a_rule_that_the_build_does_not_have_is_not_told():
    page = written(learnt_section(GRAPH, {"split": "Split.", "select": "Rank.", "fit": "Fit."}, [fit()]))
    assert ">clean<" not in page
    assert "Rank." in page


def test_a_line_says_what_was_fitted_held_back_and_tested():
    one = fit(n_validation=20)
    assert line(one, one["folds"][0]) == (
        "the highest-ranked features (2), attack or benign; fitted on 80 of 100 training flows, 20 held back for "
        "thresholds, tested on 1,025"
    )


def test_what_could_not_be_built_says_why():
    one = fit(reason="there is one file", fold="by_file")
    assert line(one, one["folds"][0]).endswith("attack or benign: not built, as there is one file")
    assert line(one, one["folds"][0]).startswith("by_file: ")


def test_models_that_see_the_same_stand_in_one_line():
    page = written(learnt_section(GRAPH, {"fit": "Fit."}, [fit(), {**fit(), "name": "boosting"}, fit(n_test=9)]))
    assert "<em>forest, boosting</em>" in page
    assert page.count("fitted on 80 of 100") == 2
