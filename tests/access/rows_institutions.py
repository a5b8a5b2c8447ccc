"""Rows of institutions and duties; see `matrix.py`."""

from tests.access.matrix import HERE, LEADERS, rows

ROSTER = LEADERS | {"member"}  # whoever is on a roster reads what binds them

rows("institutions:register", may=ROSTER)
rows("institutions:register_export", may=LEADERS)
rows("institutions:institution", may=HERE, key="institution")
