"""Named reads. What crosses the module's border stands here; each says how many queries it takes."""

from zaidao.organisations.queries import reach
from zaidao.organisations.queries.codes import at, codes, one, path_of_code
from zaidao.organisations.queries.expected import Row, expected_at
from zaidao.organisations.queries.expecting import committee_at, named
from zaidao.organisations.queries.held import posts_of_holders

__all__ = [
    "Row", "at", "codes", "committee_at", "expected_at", "named", "one", "path_of_code",
    "posts_of_holders", "reach",
]
