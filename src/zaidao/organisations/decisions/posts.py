"""Whether somebody may be appointed to a post, a post changed or abolished: refusals, and doubts that are confirmed one by one."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from zaidao.core import written
from zaidao.engine import structure
from zaidao.engine.catalogue import Catalogue
from zaidao.engine.catalogue.rules import Rule, cite

NEVER, ALWAYS = date.min, date.max
ELSEWHERE = "其他组织的"  # in place of the name of an organisation that whoever asks does not see
ENTERED = "entered"  # code of the doubts that a ledger's appointment raises
APART = re.compile(r"[兼、,，/;；()（）\s]+")  # what stands between several offices in one title, or around a remark
ORG_WIDE = (structure.SECRETARY,)  # required posts that one person of an organisation holds, whatever the title


@dataclass(frozen=True)
class Span:
    """[since, until); None is unknown or open."""

    since: date | None
    until: date | None

    @property
    def start(self) -> date:
        return self.since or NEVER

    @property
    def end(self) -> date:
        return self.until or ALWAYS

    def meets(self, other: "Span") -> bool:
        """Whether a day lies in both."""
        return max(self.start, other.start) < min(self.end, other.end)


@dataclass(frozen=True)
class Seat:
    """The post that is to be filled."""

    title: str
    domain: str
    seats: int
    span: Span
    dissolved_on: date | None = None

    @property
    def is_elected(self) -> bool:
        """A post of the Party committee: only full members may be elected to it."""
        return self.domain in ("party", "") and structure.is_committee_post(self.title)

    def fills_secretary(self, tenure: str) -> bool:
        return structure.SECRETARY in structure.fills(self.title, self.domain or None, tenure)


@dataclass(frozen=True)
class Somebody:
    """The person. `memberships`: where they belonged when; `inside`: those of the post's organisation or below it."""

    category: str
    full_since: date | None
    memberships: tuple[Span, ...]
    inside: tuple[Span, ...]

    def belongs(self, day: date | None) -> bool:
        """On any roster on the day; on any at all where the day is unknown."""
        return _covers(self.memberships, day)


@dataclass(frozen=True)
class Held:
    """One appointment that is on file: of the same post (`same_post`), of the same organisation, or of the same person elsewhere."""

    span: Span
    title: str
    domain: str
    same_post: bool
    same_organisation: bool
    same_person: bool
    tenure: str = ""
    full_time: str = ""
    where: str = ""


@dataclass(frozen=True)
class Ask:
    """What is asked: from when until when, and how. `entered`: a ledger tells that it holds already, so what stands against
    appointing somebody anew is a doubt to be confirmed, not a refusal."""

    span: Span
    full_time: str
    tenure: str
    basis: str
    approval: str
    entered: bool = False


@dataclass(frozen=True)
class Doubt:
    """Something that is confirmed by whoever appoints. `code` is what the confirmation names; `rule` what it rests on."""

    code: str
    text: str
    rule: Rule | None = None

    @property
    def ground(self) -> str:
        """Source and article, with 待核 where nobody saw the text."""
        return "" if self.rule is None else cite(self.rule)


@dataclass(frozen=True)
class Verdict:
    """`refusals`: it cannot be. `doubts`: it can, once each is confirmed."""

    refusals: tuple[str, ...]
    doubts: tuple[Doubt, ...]


def several(title: str) -> bool:
    """Whether a title names offices that are lost in it as a whole: 书记兼组织委员, 书记(兼)."""
    parts = [p for p in APART.split(title) if p]
    told = {office for p in parts for office in structure.fills(p, None, None)}
    deputy = any(map(structure.is_deputy, parts)) and not structure.is_deputy(title)
    return deputy or bool(told - set(structure.fills(title, None, None)))


def weigh(ask: Ask, seat: Seat, who: Somebody, held: Sequence[Held], known: Catalogue) -> Verdict:
    """The verdict on an appointment against everything that is on file; `held` leaves out the appointment that is corrected."""
    anew = (*_place(ask, who), *_member(ask, seat, who, known), *_unapproved(ask, seat, held, known))
    refusals = (*_dates(ask, seat), *_seats(ask, seat, held), *_twice(ask, held), *_secretary(ask, seat, held))
    doubts = (*_party_years(ask, seat, who, known), *_inside(ask, who), *_document(ask, seat), *_discipline(ask, seat, held, known),
              *_full_time(ask, held))
    if ask.entered:
        return Verdict(refusals, (*(Doubt(ENTERED, text) for text in anew), *doubts))
    return Verdict((*anew, *refusals), doubts)


def _dates(ask: Ask, seat: Seat) -> Iterable[str]:
    span = ask.span
    if span.since and span.until and span.until <= span.since:
        yield "离任日期须晚于任职日期。"
    if span.since and seat.span.since and span.since < seat.span.since:
        yield f"岗位“{seat.title}”自{said(seat.span.since)}设立,任职不能早于这一天。"
    if seat.span.until and span.end > seat.span.until:
        yield f"岗位“{seat.title}”已定于{said(seat.span.until)}撤销,任职不能晚于这一天。"
    if seat.dissolved_on and span.end > seat.dissolved_on:
        yield f"该组织已于{said(seat.dissolved_on)}撤销。"


def _place(ask: Ask, who: Somebody) -> Iterable[str]:
    if not who.belongs(ask.span.since):
        when = f"在{said(ask.span.since)}" if ask.span.since else ""
        yield f"这位同志{when}不在名册上,请先登记或转入组织关系。"


def _seats(ask: Ask, seat: Seat, held: Sequence[Held]) -> Iterable[str]:
    count, day = most_at_once([h.span for h in held if h.same_post], ask.span)
    if count + 1 > seat.seats:
        when = f"{said(day)}起" if day != NEVER else "该时段"
        yield f"“{seat.title}”职数{seat.seats},{when}已有{count}人在任;请先办理离任,或调整职数。"


def _twice(ask: Ask, held: Sequence[Held]) -> Iterable[str]:
    if any(h.same_post and h.same_person and h.span.meets(ask.span) for h in held):
        yield "这位同志同一时段已在这个岗位任职。"


def _secretary(ask: Ask, seat: Seat, held: Sequence[Held]) -> Iterable[str]:
    """One secretary, or one who does the secretary's work, on any day."""
    if not seat.fills_secretary(ask.tenure):
        return
    others = [h for h in held if h.same_organisation and not h.same_post and h.span.meets(ask.span)]
    if any(structure.SECRETARY in structure.fills(h.title, h.domain or None, h.tenure) for h in others):
        yield "同一时段本组织已有书记(或主持工作的同志)在任,书记只能一人。"


def _member(ask: Ask, seat: Seat, who: Somebody, known: Catalogue) -> Iterable[str]:
    """Only full members may be elected; judged on the first day of the appointment."""
    if not seat.is_elected:
        return
    ground = cite(known.rule("election.without_vote"))
    if who.category != "full":
        yield f"“{seat.title}”须由正式党员担任({ground})。"
    elif ask.span.since and who.full_since and ask.span.since < who.full_since:
        yield f"任职日期早于转正日期{said(who.full_since)},其间为预备党员,不能担任“{seat.title}”({ground})。"


def _party_years(ask: Ask, seat: Seat, who: Somebody, known: Catalogue) -> Iterable[Doubt]:
    if not (seat.is_elected and structure.role(seat.title) == structure.SECRETARY):
        return
    rule = known.rule("branch.secretary_min_party_years_soft")
    if who.full_since is None:
        yield Doubt("party_years", f"转正日期未登记,无法核对党龄;书记一般须有{rule.value}年以上党龄。", rule)
    elif ask.span.since and structure.months_after(who.full_since, round(rule.value * 12)) > ask.span.since:
        yield Doubt("party_years", f"自{said(who.full_since)}转正,党龄不满{rule.value}年;书记一般须有{rule.value}年以上党龄。", rule)


def _inside(ask: Ask, who: Somebody) -> Iterable[Doubt]:
    if who.belongs(ask.span.since) and not _covers(who.inside, ask.span.since):
        yield Doubt("outside", "组织关系不在本组织及其下级,请核对是否需要先转接组织关系。")


def _document(ask: Ask, seat: Seat) -> Iterable[Doubt]:
    """Secretaries and deputies are approved by the superior."""
    if seat.is_elected and seat.title.endswith("书记") and not ask.basis:
        yield Doubt("document", "书记、副书记任职须报上级党组织批准,这里没有填写任职依据(文号)。")


def _beside(ask: Ask, held: Sequence[Held]) -> list[Held]:
    """What the person holds besides, at the same time."""
    return [h for h in held if h.same_person and not h.same_post and h.span.meets(ask.span)]


def _with_discipline(ask: Ask, seat: Seat, held: Sequence[Held]) -> str:
    """The posts beside which one of them is the head of the discipline body; empty where there is none."""
    others = _beside(ask, held)
    concerned = others if leads_discipline(seat.title) else [h for h in others if leads_discipline(h.title)]
    return "、".join(f"{h.where}{h.title}" for h in concerned)


def _unapproved(ask: Ask, seat: Seat, held: Sequence[Held], known: Catalogue) -> Iterable[str]:
    rule, posts = known.rule("enterprise.discipline_head_alone"), _with_discipline(ask, seat, held)
    if posts and not (ask.approval or ask.basis):
        yield f"与“{posts}”兼任:内设纪检组织负责人{rule.value}({cite(rule)})。请填写批准文号。"


def _discipline(ask: Ask, seat: Seat, held: Sequence[Held], known: Catalogue) -> Iterable[Doubt]:
    """The head of the discipline body holds no other post; where it must be, the superior's approval is named."""
    rule, posts = known.rule("enterprise.discipline_head_alone"), _with_discipline(ask, seat, held)
    if posts:
        text = f"与“{posts}”兼任:内设纪检组织负责人{rule.value}。批准文号:{ask.approval or ask.basis}。"
        yield Doubt("discipline", text, rule)


def _full_time(ask: Ask, held: Sequence[Held]) -> Iterable[Doubt]:
    """Full time is one post: another post beside a full-time one, whichever comes first."""
    others = _beside(ask, held)
    if others and (ask.full_time == "yes" or any(h.full_time == "yes" for h in others)):
        posts = "、".join(f"{h.where}{h.title}" for h in others)
        yield Doubt("full_time", f"同一时段还任“{posts}”,其中有专职岗位,请核对专兼职。")


def leads_discipline(title: str) -> bool:
    """Head of a discipline body inside the unit: 纪委书记, 纪检组长, 纪检部门负责人; not a branch's 纪检委员."""
    return "纪" in title and "副" not in title and title.endswith(("书记", "组长", "负责人", "主任"))


def most_at_once(spans: Sequence[Span], window: Span) -> tuple[int, date]:
    """How many of the spans hold together on the fullest day inside the window, and the first such day."""
    inside = [s for s in spans if s.meets(window)]
    days = sorted({window.start, *(s.start for s in inside if s.start > window.start)})
    counts = [(sum(s.start <= day < s.end for s in inside), day) for day in days]
    return max(counts, key=lambda c: (c[0], -c[1].toordinal()))


def resize(seats: int, spans: Sequence[Span], title: str, domain: str, day: date) -> tuple[str, ...]:
    """Refusals of a title and a number of seats from `day` on."""
    if not title:
        return ("请填写岗位名称。",)
    if seats < 1:
        return ("职数至少为1;不再需要的岗位请办理撤销。",)
    if seats > 1 and domain in ("party", "") and structure.role(title) in ORG_WIDE:
        return ("书记只能一人,职数须为1。",)
    count, _ = most_at_once(spans, Span(day, None))
    return (f"现有(或已定任职){count}人,职数不能少于{count}。",) if count > seats else ()


def from_day(day: date, today: date, latest: date | None) -> tuple[str, ...]:
    """Refusals of another number of seats from `day` on. `latest`: of the change before it."""
    if day > today:
        return ("职数调整的日期不能晚于今天,请到时再登记。",)
    return (f"职数自{said(latest)}起已有调整,不能再从更早的日期调整。",) if latest and day < latest else ()


def abolish(day: date, since: date | None, spans: Sequence[Span], ends_holders: bool) -> tuple[str, ...]:
    """Refusals of ending a post on `day`: while somebody holds it on or after that day, unless their end is part of it."""
    if since and day < since:
        return (f"撤销日期不能早于设立日期{said(since)}。",)
    after = [s for s in spans if s.end > day]
    if after and not ends_holders:
        return (f"仍有{len(after)}人在任,请先办理离任,或选择“同时办理离任”。",)
    if any(s.start >= day or s.until for s in after):
        return ("有任职从撤销日期当天或之后开始,或已定在那之后离任,请先更正这些任职。",)
    return ()


def _covers(spans: Iterable[Span], day: date | None) -> bool:
    return any(day is None or s.start <= day < s.end for s in spans)


def said(day: date | None) -> str:
    """2026年3月5日; 未知 for none."""
    return "未知" if day is None else written.day(day)
