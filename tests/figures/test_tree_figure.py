"""The drawn tree: every node of the table is there, at its place, and the words say what the numbers say."""

from __future__ import annotations

import matplotlib.pyplot as plt

from analysis.record import Column, Record, Table
from figures import tree
from tests.figures.conftest import Drawn

NODES = [
    ("n", 0, "Bwd Packet Length Std", 1464.0, 800, 0.25, None),
    ("nl", 1, None, None, 700, 0.1, "benign"),
    ("nr", 1, "Flow Duration", 3.5, 100, 0.9, None),
    ("nrl", 2, None, None, 60, 1.0, "attack"),
    ("nrr", 2, None, None, 40, 0.4, "benign"),
]


def tables(nodes: list[tuple]) -> dict[str, Table]:
    columns = [Column("id", "Way"), Column("depth", "Depth", "integer", unit="splits"), Column("feature", "Feature"),
               Column("threshold", "Threshold", "significant:4"), Column("flows", "Flows", "integer"),
               Column("attack", "Attacks", "percent:1"), Column("answer", "Answer")]  # fmt: skip
    keys = [column.key for column in columns]
    rows = []
    for node in nodes:
        rows.append({
            key: Table.cell(cell, column.display, reason="none") if cell is None else cell
            for key, column, cell in zip(keys, columns, node, strict=True)
        })  # fmt: skip
    inventory = Record("x", "synthetic twin").table("class_inventory", "t", [Column("label", "Label")], [])
    return {"tree": Record("x", "synthetic twin").table("tree", "t", columns, rows), "class_inventory": inventory}


def test_every_node_is_drawn_where_it_belongs():
    figure = tree.draw(tables(NODES))
    words = {text.get_text(): text.get_position() for text in figure.axes[0].texts}
    assert words["Bwd Packet\nLength Std\n1,464"] == (0.75, 0)
    assert words["benign\n700\n10%"] == (0, -1)
    assert words["attack\n60\n100%"] == (1, -2)
    assert words["benign\n40\n40%"] == (2, -2)
    assert len(figure.axes[0].lines) == 4
    plt.close(figure)


def test_the_words_say_what_is_asked_and_answered():
    said = tree.alt(tables(NODES))
    assert "3 leaves" in said
    assert "whether Bwd Packet Length Std is at most 1,464" in said
    assert "60 flows, 100% attacks: attack" in said
    changed = [*NODES[:3], ("nrl", 2, None, None, 61, 0.5, "benign"), NODES[4]]
    assert "61 flows, 50% attacks: benign" in tree.alt(tables(changed))


def test_a_tree_of_one_leaf_and_none_can_be_drawn():
    one = [("n", 0, None, None, 9, 0.0, "benign")]
    plt.close(tree.draw(tables(one)))
    assert tree.alt(tables(one)) == "A decision tree with 1 leaf. Leaves: 9 flows, 0% attacks: benign."
    plt.close(tree.draw(tables([])))
    assert tree.alt(tables([])) == "No tree could be learnt."


def test_the_same_table_gives_the_same_bytes(drawn: Drawn, monkeypatch):
    monkeypatch.setattr("figures.words.describe", lambda module, given: module.alt(given))
    first, second = (drawn("tree", tables(NODES), turn) for turn in ("first", "second"))
    assert first["svg"].read_bytes() == second["svg"].read_bytes()
