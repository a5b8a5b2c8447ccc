"""The findings by code, each one function from a context to counted trials or a rule's verdict (`shell` stands above them)."""

from collections.abc import Callable

from zaidao.engine.context import Context
from zaidao.engine.indicators.backfill import backfill
from zaidao.engine.indicators.base import Ruled, Trials
from zaidao.engine.indicators.copied_minutes import copied_minutes
from zaidao.engine.indicators.dead_ideas import dead_ideas
from zaidao.engine.indicators.duties_missed import duties_missed
from zaidao.engine.indicators.institution_gap import institution_gap
from zaidao.engine.indicators.low_appeal import low_appeal
from zaidao.engine.indicators.mandate_only import mandate_only
from zaidao.engine.indicators.overloaded_posts import overloaded_posts
from zaidao.engine.indicators.relabelled import relabelled
from zaidao.engine.indicators.reused_photos import reused_photos
from zaidao.engine.indicators.single_carrier import single_carrier
from zaidao.engine.indicators.structure_gap import structure_gap

INDICATORS: dict[str, Callable[[Context], Trials | Ruled]] = {
    f.__name__: f for f in (
        backfill, copied_minutes, reused_photos, overloaded_posts, structure_gap, institution_gap, duties_missed, mandate_only, relabelled,
        single_carrier, dead_ideas, low_appeal,
    )
}
