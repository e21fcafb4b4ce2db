from __future__ import annotations

import json

import polars as pl

from analysis.dataset.ingest import main


def test_flows_and_what_is_worth_knowing_of_the_input_reach_the_paper(content, tmp_path, root, monkeypatch):
    data = tmp_path / "data"
    data.mkdir()
    (data / "flows.csv").write_bytes(content)
    (data / "Tuesday.xlsx").write_bytes(b"x")
    about = tmp_path / "about.json"
    about.write_text(
        '{"data": "x", "release": "original", "synthetic": false, "sampling": "unknown", "weighted": false}',
        encoding="utf-8",
    )
    made = {name: tmp_path / f"{name}.json" for name in ("inspection", "values")}
    tables = [tmp_path / f"{name}.json" for name in ("input_files", "inventory", "input_notes")]
    arguments = ["--data", data, "--about", about, "--source", root / "config/source-study.yaml"]
    arguments += ["--flows", tmp_path / "flows.parquet", *(a for name, p in made.items() for a in (f"--{name}", p))]
    monkeypatch.setattr("sys.argv", ["ingest", *map(str, [*arguments, "--tables", *tables])])
    main()
    assert pl.read_parquet(tmp_path / "flows.parquet").height == 60
    notes = [row["id"] for row in json.loads(tables[2].read_text(encoding="utf-8"))["rows"]]
    assert "files that are not read: Tuesday.xlsx" in notes
