"""Refusals that name fields, so that a page or an import can say them where they belong."""

from collections.abc import Mapping
from typing import Any

from zaidao.core.errors import Refused


class Flawed(Refused):
    """It cannot be done as asked; `fields`: field -> reason with the remedy."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(*fields.values())
        self.fields = dict(fields)


class Conflict(Refused):
    """Somebody else changed it meanwhile. `theirs`: field -> what stands there now, of the fields that both changed."""

    def __init__(self, theirs: Mapping[str, Any], version: int) -> None:
        super().__init__("您打开之后,这份资料已被别人改过。请核对下面的现值,再决定是否保存。")
        self.theirs, self.version = dict(theirs), version


def unless(flaws: Mapping[str, str]) -> None:
    """Go on where nothing stands against it. Raises Flawed."""
    if flaws:
        raise Flawed(flaws)
