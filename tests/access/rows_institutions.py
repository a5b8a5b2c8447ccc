"""Rows of institutions and duties; see `matrix.py`."""

from tests.access.matrix import ABOVE, HERE, LEADERS, TOP, rows

ROSTER = LEADERS | {"member"}  # whoever is on a roster reads what binds them

rows("institutions:register", "institutions:coverage", "institutions:conflicts", "institutions:values", may=ROSTER)
for name in ("register", "coverage", "conflicts", "values"):
    rows(f"institutions:{name}_export", may=LEADERS)
rows("institutions:institution", "institutions:amend", "institutions:repeal", may=HERE, key="institution")
rows("institutions:new", may=LEADERS)
rows("institutions:draft", "institutions:discard", "institutions:adopt", may=HERE, key="draft")
rows("institutions:execution", "institutions:execution_organisations", may=ROSTER)
rows("institutions:execution_export", "institutions:execution_organisations_export", may=LEADERS)
rows("institutions:duties", "institutions:duties_export", may=HERE, key="organisation")
rows("institutions:coverage_of", "institutions:coverage_of_export", may=HERE, key="organisation")
rows("institutions:duty", "institutions:postpone", "institutions:duty_done", may=HERE, key="institution_duty")
rows("institutions:record_withdraw", may=HERE, key="record_by_hand")
rows("institutions:exempt", may=ABOVE, key="institution_duty")  # the superior decides
rows("institutions:exemption_withdraw", may=HERE, key="exemption")
rows("institutions:value", may=ROSTER, keys={"key": "=duties.moved_days"}, posts=TOP)  # values hold for everybody
