"""Rows of carriers, meetings and activities; see `matrix.py`."""

from tests.access.matrix import EVERYBODY, HERE, ITSELF, LEADERS, NOBODY, rows

# Lists show each their own part; members see their organisation's.
rows("carriers:list", "carriers:carriers", may=LEADERS | {"member"})
rows("carriers:follow_ups", may=EVERYBODY)  # one's own
rows("carriers:plan", "carriers:sheets", "carriers:carrier_new", may=LEADERS)

# One meeting, before and after it is filed.
for name in ("activity", "history", "replan", "cancel", "notice", "record"):
    rows(f"carriers:{name}", may=HERE, key="activity")
for name in ("notice_give", "draft", "draft_forget"):
    rows(f"carriers:{name}", may=HERE, key="activity", post=True)
rows("carriers:leave", may=ITSELF, key="activity")  # whoever is expected
rows("carriers:attendance", may=HERE, key="participation")
rows("carriers:correct", may=HERE, key="filed")

for name in ("done", "confirm", "reopen", "drop"):
    rows(f"carriers:follow_up_{name}", may=HERE, key="follow_up")
rows("carriers:carrier", "carriers:carrier_end", may=HERE, key="carrier")

# What is handed on.
rows("carriers:ledger", "carriers:ledger_file", "carriers:list_file", "carriers:follow_ups_file", "carriers:carriers_file", may=LEADERS)
for name in ("year", "year_file", "blank_minutes", "blank_attendance"):
    rows(f"carriers:{name}", may=HERE, key="organisation")
for name in ("minutes_word", "minutes_pdf", "attendance_file"):
    rows(f"carriers:{name}", may=HERE, key="filed")
rows("carriers:feed", may=EVERYBODY)
rows("carriers:feed_begin", "carriers:feed_close", may=EVERYBODY, post=True)
rows("carriers:feed_calendar", may=NOBODY, keys={"token": "=none"}, open=True)  # by its secret alone

# The month.
rows("carriers:month", "carriers:below", "carriers:below_file", may=LEADERS)
rows("carriers:digest_close", "carriers:digest_choose", may=EVERYBODY, post=True)
