"""Rankings of two builds."""

from __future__ import annotations

import pytest

from analysis.difference.rankings import rankings
from analysis.difference.read import read_both
from analysis.difference.report import agreement

from .builds import make, value

TYPES = "label,all_with_benign,evaluable\nBENIGN,0.99,True\nDoS,{},True\nBot,{},True\nRare,1.0,False\nNone,,True\n"


def of(tmp_path, **second):
    return {
        one.title: one for one in rankings(*read_both(str(make(tmp_path / "a")), str(make(tmp_path / "b", **second))))
    }


def test_equal_rankings_are_none(tmp_path):
    assert of(tmp_path) == {}


def test_one_swap_of_three(tmp_path):
    (found,) = of(tmp_path, values={"binary.order": value(["boosting", "forest", "ada"], unit="")}).values()
    # Three pairs, of which one has turned: (2 - 1) / 3.
    assert found.tau == pytest.approx(1 / 3)
    assert found.moves == [("forest", 1, 2), ("boosting", 2, 1)]
    assert found.kept == 1
    assert agreement(found) == "Kendall’s tau over the 3 that both rank: 0.33. 1 of the first 10 keep their place."


def test_a_change_beyond_what_is_shown_shows_no_row(tmp_path):
    features = [f"F{number}" for number in range(12)]
    orders = features, [*features[:10], "F11", "F10"]
    builds = [make(tmp_path / name, **{"tables/ranking.csv": "feature\n" + "\n".join(order) + "\n"})
              for name, order in zip("ab", orders, strict=True)]  # fmt: skip
    (found,) = rankings(*read_both(*map(str, builds)))
    assert (found.moves, found.kept) == ([], 10)


def test_what_came_and_went(tmp_path):
    (found,) = of(tmp_path, **{"tables/ranking.csv": "rank,feature\n1,C\n2,D\n3,A\n"}).values()
    assert found.title.startswith("Features")
    assert found.moves == [("A", 1, 3), ("B", 2, None), ("C", 3, 1), ("D", None, 2)]
    assert (found.common, found.tau) == (2, -1)


def test_one_thing_in_common_agrees_with_nothing(tmp_path):
    (found,) = of(tmp_path, **{"tables/ranking.csv": "rank,feature\n1,C\n"}).values()
    assert (found.common, found.tau) == (1, None)


def test_types_are_ranked_that_can_be_judged(tmp_path):
    builds = [make(tmp_path / name, **{"tables/types_f1.csv": TYPES.format(*f1)}) for name, f1 in
              (("a", (0.5, 0.6)), ("b", (0.9, 0.6)))]  # fmt: skip
    (found,) = rankings(*read_both(*map(str, builds)))
    assert found.orders == (("Bot", "DoS"), ("DoS", "Bot"))


def test_a_ranking_of_one_build_alone_is_none(tmp_path):
    assert of(tmp_path, **{"tables/ranking.csv": None}, values={"binary.order": value(None)}) == {}
