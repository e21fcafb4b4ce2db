"""What was fitted on what is drawn from the workflow's graph and from what the fits say of themselves."""

from __future__ import annotations

import re

from paper.audit.learnt import EDGE, before, drawing, line, report, rows_of, sees
from paper.audit.markup import written

GRAPH = "    clean --> split\n    split --> select\n    select --> fit\n    split --> fit\n    fit --> scores\n"


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


def test_what_comes_before_the_fit_is_drawn_row_by_row_and_nothing_that_follows():
    needs = before(EDGE.findall(GRAPH))
    assert rows_of(needs) == [["clean"], ["split"], ["select"], ["fit"]]
    picture = written(drawing(needs))
    assert re.findall(r"<text[^>]*>(\w+)<", picture) == ["clean", "fit", "select", "split"]
    assert picture.count("<path") == 4


def test_the_drawing_of_this_workflow_leads_from_the_split_to_the_fit(root):
    graph = (root / "docs/workflow.md").read_text(encoding="utf-8")
    order = [step for row in rows_of(before(EDGE.findall(graph))) for step in row]
    assert [step for step in order if step in ("ingest", "clean", "split", "select", "fit")] == [
        "ingest", "clean", "split", "select", "fit",
    ]  # fmt: skip


def test_a_rule_that_the_build_does_not_have_is_not_drawn():
    page = written(report(GRAPH, {"split": "Split.", "select": "Rank.", "fit": "Fit."}, [fit()]))
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
    page = written(report(GRAPH, {"fit": "Fit."}, [fit(), {**fit(), "name": "boosting"}, fit(n_test=9)]))
    assert "<em>forest, boosting</em>" in page
    assert page.count("fitted on 80 of 100") == 2


def test_a_row_says_which_flows_it_is_given() -> None:
    needs = {"fit": {"rank"}, "rank": {"split"}, "split": {"clean"}, "clean": set()}
    assert [sees([step], needs) for step in needs] == [
        "fits on training flows, answers for test flows", "training flows alone",
        "says which flows train and which test", "all flows",
    ]  # fmt: skip
    shown = written(drawing(needs))
    assert shown.index("all flows") < shown.index("says which") < shown.index("training flows alone")
