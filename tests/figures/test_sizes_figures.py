"""Figures of effects and of rank intervals: what is drawn and said is what the tables hold."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest

from analysis.findings.associations import MEASURES
from analysis.record import Column, Record, Table, read_json
from figures import effects, rank_intervals, style
from tests.figures.conftest import Drawn


def effect_tables(features: int = 3, none: bool = False, shift: float = 0.0) -> dict[str, Table]:
    record = Record("x", "synthetic twin")
    rows = [{"feature": f"F{i}", "label": label, "within": j == 2,
             "delta": Table.cell(None if none and j == 1 else (-1) ** j * (0.9 - i / 100 - shift), "fixed:3",
                                 reason="no flow has a value" if none and j == 1 else None)}
            for i in range(features) for j, label in enumerate(("All attacks", "DDoS", "Bot"))]  # fmt: skip
    columns = [Column("feature", "F"), Column("label", "L"), Column("delta", "d", "fixed:3"), Column("within", "W")]
    record.table("effects", "t", columns, rows, id=("feature", "label"))
    orders = [
        {"feature": f"F{i}", "d_rank": i + 1, "delta_rank": features - i, "f1_rank": i + 1} for i in range(features)
    ]
    columns = [Column("feature", "F"), *(Column(f"{key}_rank", key, "integer") for key in effects.MARKS)]
    record.table("effect_orders", "t", columns, orders)
    return record.tables


def rank_table(clusters: int = 4, kept: int = 2) -> dict[str, Table]:
    rows = []
    for i in range(clusters):
        row = {"cluster": f"F{i}", "size": 1 + i % 2, "selected": int(i < kept), "chance": 1 - i / 10}
        for j, key in enumerate(MEASURES):
            place = 1 + (i + j) % clusters
            row |= {f"{key}_rank": place, f"{key}_low": place - 0.5, f"{key}_high": place + 0.5}
        rows.append(row)
    record = Record("x", "synthetic twin")
    columns = [Column(key, key, "text" if key == "cluster" else "fixed:1") for key in rows[0]]
    record.table("rank_intervals", "t", columns, rows)
    return record.tables


CASES = {"effects": effect_tables(), "rank_intervals": rank_table()}


@pytest.mark.parametrize("name", CASES)
def test_draws_the_same_files_twice(name: str, drawn: Drawn) -> None:
    first, second = (drawn(name, CASES[name], turn) for turn in ("first", "second"))
    assert [path.read_bytes() for path in first.values()] == [path.read_bytes() for path in second.values()]
    assert "F0" in read_json(first["json"])["alt"]


def test_cells_are_deltas_and_those_within_the_floor_have_a_dot() -> None:
    style.use()
    figure = effects.draw(effect_tables())
    left, right = figure.axes[:2]
    cells = np.ma.filled(left.collections[0].get_array().astype(float), np.nan)
    assert cells[1].tolist() == pytest.approx([0.89, -0.89, 0])
    assert [text.get_text() for text in left.texts] == ["", "", "·"] * 3
    assert [text.get_text() for text in left.get_xticklabels()] == ["All attacks", "DDoS", "Bot"]
    marks = {mark.get_label(): np.asarray(mark.get_offsets())[:, 0].tolist() for mark in right.collections[1:]}
    assert marks["D"] == [1, 2, 3]
    assert marks["|δ|"] == [3, 2, 1]
    plt.close(figure)


@pytest.mark.parametrize("tables", [effect_tables(1), effect_tables(40), effect_tables(3, none=True)])
def test_effects_of_any_number_of_clusters(tables: dict[str, Table]) -> None:
    style.use()
    figure = effects.draw(tables)
    assert len(figure.axes[0].get_yticklabels()) <= effects.CLUSTERS
    assert not {"nan", "None"} & set(effects.alt(tables).replace(",", " ").split())
    plt.close(figure)


def test_marks_stand_at_their_ranks_with_their_intervals() -> None:
    style.use()
    tables = rank_table()
    figure = rank_intervals.draw(tables)
    left, right = figure.axes
    marks = {mark.get_label(): np.asarray(mark.get_offsets())[:, 0].tolist() for mark in left.collections}
    rows = sorted(tables["rank_intervals"].records(), key=lambda row: row["r_rank"])
    for key, mark in rank_intervals.MARKS.items():
        assert marks[mark["label"]] == [row[f"{key}_rank"] for row in rows]
    assert [bar.get_width() for bar in right.patches] == pytest.approx([row["chance"] for row in rows])
    assert [text.get_text() for text in left.get_yticklabels()] == ["F0", "F1 +1", "F2", "F3 +1"]
    plt.close(figure)


@pytest.mark.parametrize("tables", [rank_table(1, 1), rank_table(40, 0)])
def test_ranks_of_any_number_of_clusters(tables: dict[str, Table]) -> None:
    style.use()
    plt.close(rank_intervals.draw(tables))
    assert "None" not in rank_intervals.alt(tables)


def test_words_change_with_the_tables() -> None:
    assert effects.alt(effect_tables()) != effects.alt(effect_tables(shift=0.1))
    assert rank_intervals.alt(rank_table(4)) != rank_intervals.alt(rank_table(5))
