"""Named reads. What crosses the module's border stands here."""

from zaidao.institutions.queries.duties import duty_for
from zaidao.institutions.queries.preview import Asked, Preview, preview

__all__ = ["Asked", "Preview", "duty_for", "preview"]
