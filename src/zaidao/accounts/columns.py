"""The sheet of holidays as an office keeps it: the day, whether it is one of rest or of work, what for, and the notice behind it."""

from zaidao.sheets.spec import Column, Sheet

REST, WORK = "rest", "work"  # as core.calendar keeps them
KINDS = {"休": REST, "休息": REST, "放假": REST, "班": WORK, "上班": WORK, "调休上班": WORK}
HOLIDAYS = Sheet("holiday", "节假日", ("day",), (
    Column("day", "日期", "date", synonyms=("时间",), required=True, example="2027-01-01"),
    Column("kind", "类别", "enum", synonyms=("类型",), labels=KINDS, choices=("休", "班"), required=True),
    Column("name", "名称", synonyms=("节日",), example="元旦"),
    Column("source", "依据", synonyms=("文号", "来源"), example="国务院办公厅通知"),
), synonyms=("节假日表", "放假安排"))
