"""A small record of invented results, for the demonstration manuscript."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from analysis.record import Column, FigureText, Record, Table, Value, checksums, write_json
from paper.own import of_checkout, of_renderer

HERE = Path(__file__).parent
MODELS = {"random_forest": 0.919, "gradient_boosting": 0.913, "adaboost": 0.867, "logistic_regression": 0.590}


def make_build(folder: Path, *, synthetic: bool = True) -> Path:
    """A build folder as the workflow leaves it: values.json, tables/, figures/."""
    record = Record("tests.demo", "synthetic twin")
    record.value("data.flows", 56615, "integer", "number of flows", unit="flows")
    record.value("data.prevalence", 0.197, "fixed:3", "share of attacks", unit="fraction")
    record.value("data.synthetic", synthetic, "text", "whether the flows were generated")
    record.value("release.has_timestamps", None, "text", "whether the release has timestamps", reason="not recorded")
    for model, score in MODELS.items():
        record.value(f"binary.{model}.f1", score, "fixed:3", f"F1 of {model} on the ten features", unit="fraction")
    scores = [Column(name, name.upper(), "fixed:3", unit="fraction") for name in ("f1", "precision", "recall", "mcc")]
    rows = [{"model": m, "f1": Table.cell(s, "fixed:3", strong=s > 0.918), "precision": s, "recall": s, "mcc": None}
            for m, s in MODELS.items()]  # fmt: skip
    for row in rows:
        row["mcc"] = Table.cell(None, "fixed:3", reason="not computed in this demonstration")
    record.table("binary_models", "Models <b>", [Column("model", "Model", align="left"), *scores], rows)
    names = (
        "mean",
        "standard deviation",
        "minimum",
        "lower quartile",
        "median",
        "upper quartile",
        "maximum",
        "G1",
        "G2",
    )
    wide = [Column(n, n.capitalize(), "significant:3") for n in names]
    records = [{"feature": f"Bwd Packet Length {k}"} | {n: -(7.3**i) * 1.7 for i, n in enumerate(names)} for k in
               ("Mean", "Max", "Std", "Variance")]  # fmt: skip
    record.table("wide", "Wide", [Column("feature", "Feature", align="left"), *wide], records)
    text = "A definition in words that is long enough to need two or three lines in a column of a page"
    entries = [{"name": f"metric_{i}", "text": text, "n": 1000 * i} for i in range(60)]
    columns = [
        Column("name", "Name", align="left"),
        Column("text", "Definition", align="left"),
        Column("n", "N", "integer", unit="flows"),
    ]
    record.table("long", "Long", columns, entries)
    tables = [folder / "tables" / f"{name}.json" for name in record.tables]
    record.write(folder / "values.json", tables)
    values = {key: value.to_json() for key, value in record.values.items()}
    head = {"schema": "flowpaper/values/2", "synthetic": synthetic, "data": "synthetic twin"}
    write_json(folder / "values.json", head | {"values": values})
    figures = folder / "figures"
    figures.mkdir()
    (figures / "heatmap.svg").write_text(heatmap(15), encoding="utf-8")
    write_json(
        figures / "heatmap.json", FigureText("heatmap", "Heatmap of 15 by 15 cells.", "synthetic twin").to_json()
    )
    for sums in list(folder.rglob(checksums.FOLDER)):
        shutil.rmtree(sums)  # without them a file may be spoilt
    return folder


def heatmap(n: int) -> str:
    """An SVG of n by n cells, 6.3 inches wide."""
    cells = "".join(
        f'<rect x="{70 + 26 * j}" y="{10 + 20 * i}" width="25" height="19" fill="hsl(210,60%,{95 - 60 * (i == j)}%)"/>'
        for i in range(n)
        for j in range(n)
    )
    labels = "".join(
        f'<text x="64" y="{24 + 20 * i}" font-size="9" text-anchor="end">class {i}</text>' for i in range(n)
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="453.6pt" height="320pt" viewBox="0 0 470 320">'
        f'<rect width="470" height="320" fill="white"/>{cells}{labels}</svg>'
    )


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """A fresh build folder of synthetic data."""
    folder = tmp_path / "build"
    folder.mkdir()
    return make_build(folder)


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The staged folder of the demonstration, rendered once by Pandoc and Typst."""
    from paper.render import render

    folder = make_build(tmp_path_factory.mktemp("demo"))
    html, _ = render(folder, "pandoc", HERE / "demo.qmd", HERE / "demo.bib")
    return html.parent


@pytest.fixture
def demo(tmp_path: Path) -> Path:
    """A copy of the demonstration manuscript to be spoilt."""
    return Path(shutil.copy(HERE / "demo.qmd", tmp_path / "paper.qmd"))


def own_values(quarto: str | None) -> dict[str, Value]:
    """The values about the paper itself, as rendering adds them, from a checkout without a commit."""
    return of_renderer(quarto) | of_checkout({"build": "demo", "commit": None, "clean": None, "reason": "no commit"})
