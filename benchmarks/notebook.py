"""The peer: the source's study as a careful student writes it in a notebook, with pandas, SciPy, seaborn, scikit-learn.

``python -m benchmarks.notebook --flows <folder of day files> --out <folder>`` runs its cells from the top and writes
figures, reports and ``notebook.json``: seconds of each stage and the F1 of each model. It is fair to the peer: every
model that can uses all cores, nothing is computed twice, and reading is by pandas' fast parser.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

TOP = 10
SEED = 42


def study(flows: Path, out: Path) -> dict[str, Any]:
    """All cells in order, each told of as it ends; returns seconds, also of CPU, by stage, and F1 by model."""
    seconds: dict[str, float] = {}
    cpu: dict[str, float] = {}

    @contextmanager
    def cell(name: str) -> Iterator[None]:
        start, spent = time.perf_counter(), time.process_time()
        yield
        seconds[name], cpu[name] = time.perf_counter() - start, time.process_time() - spent
        # A run of an hour that is cut off has told of the cells that it ended.
        print(f"{name}: {seconds[name]:.1f} s, {cpu[name]:.1f} s of CPU", flush=True)

    with cell("import"):
        import matplotlib as mpl

        mpl.use("Agg")
        import matplotlib.pyplot as plt
        import numpy as np
        import pandas as pd
        import seaborn as sns
        from scipy.stats import ks_2samp
        from sklearn.ensemble import AdaBoostClassifier, GradientBoostingClassifier, RandomForestClassifier
        from sklearn.linear_model import LogisticRegression
        from sklearn.metrics import classification_report, f1_score
        from sklearn.model_selection import train_test_split
        from sklearn.preprocessing import StandardScaler

    with cell("read"):
        table = pd.concat([pd.read_csv(path, encoding="latin-1") for path in sorted(flows.glob("*.csv"))])
        table.columns = table.columns.str.strip()
        table = table.reset_index(drop=True)

    with cell("clean"):
        table = table.replace([np.inf, -np.inf], np.nan).dropna()
        types = table.pop("Label").str.strip()
        table = table.loc[:, table.nunique() > 1]
        attack = (types != "BENIGN").astype(int)

    with cell("correlate"):
        strength = table.corrwith(attack).abs().sort_values(ascending=False)
        top = list(strength.index[:TOP])

    with cell("describe"):
        shape = table.describe().T
        shape["skew"], shape["kurt"] = table.skew(), table.kurt()
        shape.to_csv(out / "describe.csv")

    with cell("histograms"):
        figure, axes = plt.subplots(2, 5, figsize=(20, 8))
        for name, ax in zip(top, axes.flat, strict=True):
            sns.histplot(x=table[name], hue=attack, bins=50, stat="density", common_norm=False, ax=ax)
            ax.set_yscale("log")
        figure.savefig(out / "histograms.png")
        plt.close(figure)

    with cell("ks"):
        tests = {name: ks_2samp(table.loc[attack == 0, name], table.loc[attack == 1, name]) for name in top}
        pd.DataFrame(tests, index=["D", "p"]).T.to_csv(out / "ks.csv")

    with cell("split"):
        train, test, y_train, y_test = train_test_split(
            table[top], attack, test_size=0.2, stratify=attack, random_state=SEED
        )
        scaler = StandardScaler().fit(train)
        x_train, x_test = scaler.transform(train), scaler.transform(test)

    models = {
        "random_forest": RandomForestClassifier(n_estimators=100, n_jobs=-1, random_state=SEED),
        "gradient_boosting": GradientBoostingClassifier(random_state=SEED),
        "adaboost": AdaBoostClassifier(n_estimators=100, random_state=SEED),
        "logistic_regression": LogisticRegression(max_iter=1000),
    }
    f1: dict[str, float] = {}
    for name, model in models.items():
        with cell(name):
            answer = model.fit(x_train, y_train).predict(x_test)
            (out / f"{name}.txt").write_text(classification_report(y_test, answer, digits=4), encoding="utf-8")
            f1[name] = float(f1_score(y_test, answer))

    with cell("types"):
        # A type of a single flow cannot stand in both parts.
        kept = types.isin(types.value_counts().loc[lambda n: n > 1].index)
        train, test, y_train, y_test = train_test_split(
            table[kept], types[kept], test_size=0.2, stratify=types[kept], random_state=SEED
        )
        forest = RandomForestClassifier(n_estimators=100, n_jobs=-1, random_state=SEED).fit(train, y_train)
        answer = forest.predict(test)
        report = classification_report(y_test, answer, digits=4, zero_division=0)
        (out / "types.txt").write_text(report, encoding="utf-8")
        enough = y_test.value_counts().loc[lambda n: n >= 10].index
        scores = classification_report(y_test, answer, output_dict=True, zero_division=0)
        f1["types_macro"] = float(np.mean([scores[name]["f1-score"] for name in enough]))

    return {"flows": len(table), "seconds": seconds, "cpu_seconds": cpu, "f1": f1}


def main() -> None:
    """Run the study and write what it found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--flows", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    found = study(given.flows, given.out)
    (given.out / "notebook.json").write_text(json.dumps(found, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
