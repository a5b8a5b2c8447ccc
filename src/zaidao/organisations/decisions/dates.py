"""Dates that bite: when something about a person is due, how near that is, and by which rule. Days come in; nothing reads the clock."""

from dataclasses import dataclass
from datetime import date, timedelta

from zaidao.engine.catalogue import Catalogue
from zaidao.engine.structure import months_after

PROBATION, REVIEW, CONTACT, LETTER, RECEIVE, OBJECTION = "probation", "review", "contact", "letter", "receive", "objection"
KINDS = {
    PROBATION: "预备期满", REVIEW: "半年考察", CONTACT: "联系流动党员", LETTER: "介绍信到期", RECEIVE: "待接收", OBJECTION: "答复更正请求",
}
BASIS = {
    PROBATION: "党章第7条,发展党员工作细则第32条:预备期一年,期满及时讨论转正",
    REVIEW: "发展党员工作细则第10至13条(条号待核):每半年考察一次入党积极分子",
    CONTACT: "党员教育管理工作条例流动党员章:保持经常联系",
    LETTER: "党员教育管理工作条例第25条:转出未接收前由原组织负责",
    RECEIVE: "党员教育管理工作条例第25条:不得无故拒转拒接",
    OBJECTION: "个人信息保护法第46条:及时核实、更正",
}
STEP = {
    PROBATION: "办理转正或延长", REVIEW: "登记考察", CONTACT: "登记联系", LETTER: "查看转接", RECEIVE: "办理接收", OBJECTION: "答复",
}


@dataclass(frozen=True)
class Clocks:
    """Lengths from the catalogue: years, months, days as the names say; `objection` in working days."""

    probation_years: int
    probation_notice_days: tuple[int, ...]
    extension_months: tuple[int, int]
    activist_years: int
    review_months: int
    notice_days: int
    contact_months: int
    abroad_months: int
    letter_days: int
    letter_most_days: int
    letter_notice_days: int
    objection_days: int
    objection_notice_days: int

    @classmethod
    def of(cls, known: Catalogue) -> "Clocks":
        def value(name: str) -> int:
            return int(known.param(f"living.{name}"))

        least, most = known.param("living.probation_extension_months")
        return cls(
            value("probation_years"), tuple(known.param("living.probation_notice_days")), (least, most), value("activist_years"),
            value("activist_review_months"), value("date_notice_days"), value("mobile_contact_months"),
            known.rule("membership.abroad_contact_every_months").value, value("letter_days"),
            known.rule("membership.transfer_letter_max_days").values["local"], value("letter_notice_days"), value("objection_days"),
            value("objection_notice_days"),
        )

    def ahead(self, kind: str) -> int:
        """How many days before it is due a kind is shown."""
        return {
            PROBATION: max(self.probation_notice_days), LETTER: self.letter_notice_days, OBJECTION: self.objection_notice_days,
        }.get(kind, self.notice_days)


@dataclass(frozen=True)
class Due:
    """Something due about a person. `on` None: the date it counts from is not known. `subject`: number of the row it speaks of.
    `notice`: which of a probation's notices has begun (`stage`)."""

    kind: str
    on: date | None
    subject: int
    person: int
    name: str
    organisation: str
    left: int | None
    notice: int | None = None

    @property
    def title(self) -> str:
        return KINDS[self.kind]

    @property
    def basis(self) -> str:
        return BASIS[self.kind]

    @property
    def step(self) -> str:
        return STEP[self.kind]

    @property
    def said(self) -> str:
        """How near it is; of a letter that its validity is meant."""
        if self.kind not in (LETTER, RECEIVE):
            return f"{said(self.left)}(期满前 {self.notice} 天提醒)" if self.notice and not self.overdue else said(self.left)
        return f"介绍信{said(self.left)}" if self.overdue else f"介绍信{said(self.left)}到期"

    @property
    def overdue(self) -> bool:
        return self.left is not None and self.left < 0


def said(left: int | None) -> str:
    """How near: 还有 12 天, 今天, 已过 3 天, or that the date is not on file."""
    if left is None:
        return "日期未登记,请补登"
    if left == 0:
        return "今天"
    return f"还有 {left} 天" if left > 0 else f"已过 {-left} 天"


def probation_ends(joined_on: date | None, extended_to: date | None, clocks: Clocks) -> date | None:
    """The day on which the probation is over; None where the day it began is unknown."""
    if extended_to is not None:
        return extended_to
    return months_after(joined_on, 12 * clocks.probation_years) if joined_on else None


def next_review(activist_since: date | None, reviewed_on: date | None, clocks: Clocks) -> date | None:
    """The day of an activist's next half-yearly review."""
    last = reviewed_on or activist_since
    return months_after(last, clocks.review_months) if last else None


def next_contact(since: date, last: date | None, every_months: int | None, kind: str, clocks: Clocks) -> date:
    """The day by which somebody who is away is to be contacted again."""
    usual = clocks.abroad_months if kind == "abroad" else clocks.contact_months
    return months_after(max(last or since, since), every_months or usual)


def is_due(kind: str, on: date | None, day: date, clocks: Clocks) -> bool:
    """Whether it is shown on the day: near enough, over already, or of unknown date."""
    return on is None or on <= day + timedelta(days=clocks.ahead(kind))


def stage(on: date | None, day: date, clocks: Clocks) -> int | None:
    """The narrowest of the probation notices that has begun (30, then 7); None before the first, 0 once it is over."""
    if on is None:
        return None
    begun = [n for n in clocks.probation_notice_days if on <= day + timedelta(days=n)]
    return 0 if on < day else min(begun, default=None)
