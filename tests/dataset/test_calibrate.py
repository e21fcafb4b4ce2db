"""Calibration: statistics only, of ten rows or more each, and no real flow comes out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from analysis.dataset import avoidance, behaviours, calibrate, excerpts, fitting, twin
from analysis.dataset.identities import FREE, complete, free
from analysis.dataset.reading import read
from analysis.dataset.release import load
from analysis.dataset.source import members
from analysis.errors import UserError

RELEASE = load("original")


@pytest.fixture(scope="module")
def real(shared_data: Path) -> dict[str, pl.DataFrame]:
    """The real excerpts by name."""
    readers = (excerpts.sample, excerpts.web_attacks, excerpts.heartbleed, excerpts.day_heads)
    tables = {read.__name__: read(shared_data, RELEASE) for read in readers}
    return tables | {"grouped": excerpts.grouped(shared_data, RELEASE, tables["sample"])}


@pytest.fixture
def made(random: np.random.Generator) -> NDArray[np.float64]:
    """400 rows of five quantities: two kinds of row, an atom, a constant, a rare flag, two that move together."""
    kind = np.arange(400) % 2
    size = random.lognormal(3 + 3 * kind, 0.3)
    together = size * random.uniform(0.9, 1.1, 400)
    return np.column_stack([size, np.where(kind == 0, 64.0, size), np.full(400, 7.0), np.arange(400) < 3, together])


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(5)


def fitted(made: NDArray[np.float64]) -> list[behaviours.Behaviour]:
    return fitting.fit(made, made[:, [0, 1, 4]], [np.unique(column) for column in made.T], seed=1)


# ---------------------------------------------------------------------------------------------------- on made-up rows


def test_no_parameter_stands_for_fewer_than_ten_rows(made: NDArray[np.float64]) -> None:
    for behaviour in fitted(made):
        assert behaviour.rows >= fitting.CLUSTER_ROWS
        for marginals, column in zip(behaviour.marginals, made.T, strict=True):
            assert (marginals.rows[~marginals.atom] >= 10).all()
            values, counts = np.unique(column, return_counts=True)
            assert set(marginals.value[marginals.atom]) <= set(values[counts >= 10])
            assert not np.isin(marginals.value[~marginals.atom], values).any()


def test_a_mean_that_equals_a_real_value_is_moved() -> None:
    column = np.arange(20.0)  # means of ten: 4.5 and 14.5
    known = np.array([4.5, 4.6, 14.5])
    (behaviour,) = fitting.fit(column[:, None], column[:, None], [known], seed=1)
    found = behaviour.marginals[0].value
    assert not np.isin(found, known).any()
    np.testing.assert_allclose(found, [4.5, 14.5], atol=0.3)


def test_drawn_rows_have_atoms_shares_and_dependence(made: NDArray[np.float64], random: np.random.Generator) -> None:
    drawn = behaviours.Drawer(fitted(made)).draw(20_000, random)
    assert (drawn[:, 2] == 7).all()
    assert abs((drawn[:, 1] == 64).mean() - 0.5) < 0.03
    assert abs(np.log(drawn[:, 0]).mean() - np.log(made[:, 0]).mean()) < 0.1
    assert np.corrcoef(np.log(drawn[:, 0]), np.log(drawn[:, 4]))[0, 1] > 0.9
    # within one kind of row too, which is the copula's doing
    small = drawn[drawn[:, 1] == 64]
    assert np.corrcoef(small[:, 0], small[:, 4])[0, 1] > 0.6


def test_few_rows_are_one_smoothed_cluster_without_dependence(random: np.random.Generator) -> None:
    rows = np.column_stack([random.normal(1000, 5, 40), np.zeros(40)])
    (behaviour,) = fitting.fit(rows, rows, [np.sort(rows[:, 0]), np.zeros(1)], seed=1)
    assert not behaviour.loadings.any()
    assert len(behaviour.marginals[0].value) == 4
    drawn = behaviours.Drawer([behaviour]).draw(500, random)
    assert not np.isin(drawn[:, 0], rows[:, 0]).any()
    assert np.unique(drawn[:, 0]).size == 500


def test_file_keeps_what_was_fitted(made: NDArray[np.float64], tmp_path: Path) -> None:
    found = fitted(made)
    source = behaviours.ClassSource("BENIGN", "made up", 400, False, len(found))
    avoid = avoidance.bit_map(np.array([7], dtype=np.uint64))
    for name in ("one.npz", "two.npz"):
        behaviours.save(tmp_path / name, {source: found}, avoid)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    classes, again = behaviours.load(tmp_path / "one.npz")
    assert (again == avoid).all()
    one, other = (behaviours.Drawer(b).draw(50, np.random.default_rng(2)) for b in (found, classes[source]))
    np.testing.assert_array_equal(one, other)


def test_avoidance_refuses_what_it_was_given_and_little_else(random: np.random.Generator) -> None:
    flows = {name: random.integers(0, 1000, 3000).astype(float) for name in avoidance.INTEGRAL}
    known = {name: column[:1000] for name, column in flows.items()}
    refused = avoidance.refused(flows, avoidance.bit_map(avoidance.rare(known)))
    assert refused[:1000].all()
    assert refused[1000:].mean() < 0.01
    often = {name: np.repeat(column[:1], 10) for name, column in flows.items()}
    assert not avoidance.rare(often).size


def test_a_missing_excerpt_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=excerpts.SAMPLE):
        calibrate.calibrate(tmp_path, RELEASE)


def test_parameter_file_is_small_and_without_pickle() -> None:
    assert twin.PARAMETERS.stat().st_size < 2_000_000
    with np.load(twin.PARAMETERS, allow_pickle=False) as file:
        assert all(file[name].dtype.kind in "iufb" for name in file.files)


# --------------------------------------------------------------------------------------------------- on the real rows


def test_parameters_can_be_rebuilt_from_the_real_rows(shared_data: Path, tmp_path: Path) -> None:
    calibrate.write(shared_data, tmp_path / "again.npz")
    assert (tmp_path / "again.npz").read_bytes() == twin.PARAMETERS.read_bytes()


def test_identities_hold_in_the_real_rows(real: dict[str, pl.DataFrame]) -> None:
    flows = calibrate.columns(real["sample"].filter(pl.col("Flow Duration") > 0, pl.col("Fwd Header Length") >= 0))
    for name, column in complete(free(flows)).items():
        # Half a unit of the third digit on each side, and a microsecond or a thousandth where numbers are small.
        close = np.isclose(column, flows[name], rtol=0.006, atol=1.01 if "IAT" in name else 1e-3)
        assert close.mean() > (0.98 if name == "Idle Std" else 0.995), name


def test_no_parameter_equals_a_value_that_fewer_than_ten_real_rows_share(real: dict[str, pl.DataFrame]) -> None:
    quantities = [free(calibrate.columns(table)) for table in real.values()]
    classes, _ = behaviours.load(twin.PARAMETERS)
    for position, name in enumerate(FREE):
        known = np.unique(np.concatenate([table[name] for table in quantities]))
        for found in classes.values():
            for marginals in (behaviour.marginals[position] for behaviour in found):
                assert not np.isin(marginals.value[~marginals.atom], known).any(), name
    for source, found in classes.items():
        flows = [table.filter(pl.col(excerpts.LABEL) == source.label) for table in real.values()]
        candidates = [free(calibrate.columns(table)) for table in flows if table.height]
        for position, name in enumerate(FREE):
            shared: set[float] = set()
            for rows in candidates:
                values, counts = np.unique(rows[name], return_counts=True)
                shared |= set(values[counts >= 10])
            for marginals in (behaviour.marginals[position] for behaviour in found):
                assert set(marginals.value[marginals.atom]) <= shared, (source.label, name)


def test_no_rare_real_flow_comes_out(real: dict[str, pl.DataFrame], tmp_path: Path) -> None:
    twin.write(tmp_path / "source", 20_000, 20, 3, RELEASE)
    tables = [read(member).flows for member in members(tmp_path / "source")]
    drawn = pl.concat(table.select(avoidance.INTEGRAL) for table in tables)
    rows = pl.concat(table.select(avoidance.INTEGRAL).cast(pl.Int64) for table in real.values())
    rare = rows.group_by(avoidance.INTEGRAL).len().filter(pl.col("len") < 10)
    assert rare.height > 20_000
    assert drawn.cast(pl.Int64).join(rare, on=list(avoidance.INTEGRAL), how="semi").is_empty()
