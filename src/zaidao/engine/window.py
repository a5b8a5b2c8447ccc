"""The window of a run: the last whole months before the day of judgement. No function here reads the clock."""

from dataclasses import dataclass
from datetime import date


class Refused(ValueError):
    """No day or window to judge by. The message (Chinese) says why and what helps."""


def add_months(day: date, months: int) -> date:
    """The first of the month `months` after that of `day`."""
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


@dataclass(frozen=True)
class Window:
    """Half-open days [start, end) of whole calendar months; `as_of` is the day of judgement, not before `end`."""

    start: date
    end: date
    as_of: date

    @classmethod
    def before(cls, as_of: date, months: int) -> "Window":
        """The last `months` whole months before `as_of`."""
        end = as_of.replace(day=1)
        return cls(add_months(end, -months), end, as_of)

    @classmethod
    def asked(cls, as_of: date, months: int, frm: date | None, to: date | None) -> "Window":
        """Whole months from that of `frm` to before that of `to`, else as in `before`. Raises Refused where none of them is over."""
        usual = cls.before(as_of, months)
        end = to.replace(day=1) if to else usual.end
        start = frm.replace(day=1) if frm else add_months(end, -months)
        if start >= end:
            raise Refused(f"统计期 {start:%Y-%m} 至 {end:%Y-%m}(不含)不足一个整月;请调整 --from、--to 或 --as-of。")
        if end > as_of:
            raise Refused(f"统计期止于 {end:%Y-%m}(不含),晚于截止日 {as_of.isoformat()};请调整 --to 或 --as-of。")
        return cls(start, end, as_of)

    @property
    def months(self) -> tuple[date, ...]:
        return tuple(add_months(self.start, i) for i in range(self.count))

    @property
    def count(self) -> int:
        return (self.end.year - self.start.year) * 12 + self.end.month - self.start.month

    @property
    def first_index(self) -> int:
        """Months since year 0 of the first month: `year * 12 + month - 1 - first_index` is the month's index in the window."""
        return self.start.year * 12 + self.start.month - 1

    def index(self, day: date) -> int | None:
        """The window month that holds a day, or None outside."""
        i = day.year * 12 + day.month - 1 - self.first_index
        return i if 0 <= i < self.count else None
