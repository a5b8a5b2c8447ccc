"""Named reads. What crosses the module's border stands here; each says how many queries it takes."""

from zaidao.organisations.queries.codes import codes, codes_at, one, path_of_code
from zaidao.organisations.queries.held import posts_of_holders

__all__ = ["codes", "codes_at", "one", "path_of_code", "posts_of_holders"]
