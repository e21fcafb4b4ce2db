"""docs/workflow.md shows the rules as they are."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tools.rule_graph import page, reduced, rooms, rule_graph


def test_the_diagram_is_of_the_workflow_as_it_is(root):
    edges = rule_graph(root)
    assert len({name for edge in edges for name in edge}) > 10
    assert page(edges, rooms(root)) == (root / "docs/workflow.md").read_text(encoding="utf-8"), "run make graph"
    assert not (root / "build/no-such-build").exists()


def reached(edges, start):
    found = {other for one, other in edges if one == start}
    return found.union(*(reached(edges, other) for other in found))


@given(st.sets(st.tuples(st.integers(0, 6), st.integers(0, 6)).filter(lambda edge: edge[0] < edge[1])))
def test_what_is_left_out_is_implied_and_nothing_kept_is(edges):
    kept = reduced(edges)
    assert kept <= edges
    for start in range(7):
        assert reached(kept, start) == reached(edges, start)
    for edge in kept:
        assert edge[1] not in reached(kept - {edge}, edge[0])


def test_a_frame_and_a_box_have_different_names():
    drawn = page({("a", "paper"), ("first_look", "a"), ("paper", "all")}, {"paper/paper.smk": ["a", "paper"]})
    assert 'subgraph in_paper["paper/paper.smk"]' in drawn
    assert "a --> paper" in drawn
    assert "first_look" not in drawn
