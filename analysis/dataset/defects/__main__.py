"""Step: count every known defect in the flows as they were read, beside what is published of the complete release."""

from __future__ import annotations

import polars as pl

from analysis.command import In, Out, Outs, run
from analysis.dataset.defects.audit import audit
from analysis.dataset.defects.report import machine_report, quirks, report_defects
from analysis.dataset.release import load
from analysis.record import checked, read_json, write_json


def step(flows: In, metadata: In, inspection: In, report: Out, values: Out, tables: Outs) -> None:
    """Count every known defect in the flows as they were read, beside what is published of the complete release."""
    about, inspected = read_json(metadata), read_json(inspection)
    release = load(about["release"])
    files, complete = quirks(inspected, release), inspected["status"] == "complete"
    findings = audit(pl.scan_parquet(checked(flows)), release)
    write_json(report, machine_report(findings, release, complete, files, about))
    report_defects(findings, release, complete, files, about).write(values, tables)


if __name__ == "__main__":
    run(step)
