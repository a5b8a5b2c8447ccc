"""Documentation stays in step: fields, findings and elements are described, links lead somewhere, nothing points out of the repository."""

import re
from pathlib import Path

import pytest

from zaidao.engine.schema import ELEMENTS, FINDINGS, TABLES

ROOT = Path(__file__).parents[2]
PAGES = sorted([*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")])
FORBIDDEN = ("造假", "抄袭", "空壳", "僵尸", "懒政", "落后", "排名", "扣分", "未召开")


def test_every_field_of_the_contract_is_described() -> None:
    page = (ROOT / "docs/reference/workbook.md").read_text(encoding="utf-8")
    for table in TABLES.values():
        for field in table.fields:
            assert f"| {field.header} | `{field.name}` |" in page, (table.name, field.name)


def test_every_finding_and_element_is_described() -> None:
    page = (ROOT / "docs/reference/signals.md").read_text(encoding="utf-8")
    assert [code for code in (*FINDINGS, *ELEMENTS) if f"| `{code}` |" not in page] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere_and_words_are_neutral(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
        assert (page.parent / target).exists(), target
    assert not [word for word in FORBIDDEN if word in text]
    assert str(ROOT.parent) + "/" not in text
