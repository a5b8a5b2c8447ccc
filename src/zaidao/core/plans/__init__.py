"""Import in two steps: a file becomes a plan that shows what would change, and the confirmed plan becomes acts.

The machinery knows no nouns. A module registers a kind with one importer a table (`registry`); reading, comparing, committing in
chunks, undoing and handing back the rows to be corrected are the same for all.
"""

from zaidao.core.models import Plan, PlanRow
from zaidao.core.plans.given import Given
from zaidao.core.plans.registry import Applied, Importer, Kind, Planned, Work, importer, keep, kind, register

__all__ = ["Applied", "Given", "Importer", "Kind", "Plan", "PlanRow", "Planned", "Work", "importer", "keep", "kind", "register"]
