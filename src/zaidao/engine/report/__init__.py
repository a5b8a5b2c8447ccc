"""The report: one self-contained page (report.html) and one workbook (report.xlsx), laid out from the published tables."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from zaidao.engine.report import page, workbook
from zaidao.engine.report.material import Material


def write(
    result: Any, tables: Mapping[str, pa.Table], manifest: Mapping[str, Any], problems: Sequence[dict[str, Any]], folder: Path,
) -> None:
    """Write report.html and report.xlsx into `folder`. `tables` are the published ones, so that every number agrees with the files."""
    material = Material.of(result, tables, manifest, problems)
    (folder / "report.html").write_text(page.build(material), encoding="utf-8", newline="\n")
    workbook.write(material, folder / "report.xlsx")
