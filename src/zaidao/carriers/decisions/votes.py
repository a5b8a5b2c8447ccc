"""Quorum and majority by the catalogue's rules, in whole numbers. Values in, verdict with its reason out."""

from collections.abc import Iterator
from dataclasses import dataclass

from zaidao.engine.catalogue import Catalogue, load
from zaidao.engine.catalogue.rules import Rule, cite

PASSED, FAILED = "通过", "不通过"


@dataclass(frozen=True)
class Vote:
    """One count. `written`: opinions handed in before the meeting by those who cannot come, counted in `in_favour`; admission alone."""

    in_favour: int
    against: int = 0
    abstained: int = 0
    written: int = 0

    @property
    def given(self) -> int:
        return self.in_favour + self.against + self.abstained


@dataclass(frozen=True)
class Room:
    """Who could vote on the day: 应到会有表决权, and of them those present. `joint`: a meeting of several organisations."""

    voting: int
    present: int
    joint: bool = False


@dataclass(frozen=True)
class Verdict:
    """`passed` None: no rule of the catalogue says. `reason` cites the rule; `rule` is its key."""

    passed: bool | None
    reason: str
    rule: str = ""


def reaches(rule: Rule, part: int, whole: int) -> bool:
    """Whether `part` of `whole` meets the rule's fraction: part*den against whole*num, so exactly half is exactly half."""
    left, right = part * int(rule.values["den"]), whole * int(rule.values["num"])
    return whole > 0 and (left > right if rule.values["op"] == ">" else left >= right)


def least(rule: Rule, whole: int) -> int:
    """The smallest whole number that meets the rule of `whole`."""
    right, den = whole * int(rule.values["num"]), int(rule.values["den"])
    return right // den + 1 if rule.values["op"] == ">" else -(-right // den)


QUORUMS = {"党员大会": "vote_resolution.quorum", "支委会": "committee_meeting.quorum"}
LEADERS = "democratic_life_meeting.quorum"  # 领导班子民主生活会: the committee of a 党委, not a branch's 组织生活会
VOTES = {"vote_resolution": "vote_resolution", "vote_admission": "vote_admission", "election": "election"}
OF = {"expected": "应到会", "present": "实到会"}


def quorum(kind: str, org_kind: str, room: Room, known: Catalogue | None = None) -> Verdict | None:
    """Whether enough came for a meeting of this kind; None where the rules ask for no number."""
    key = LEADERS if kind == "组织生活会" and org_kind == "committee" else QUORUMS.get(kind)
    return None if key is None else _quorum((known or load()).rule(key), room)


def flaws(kind: str, vote: Vote | None, room: Room, known: Catalogue | None = None) -> Iterator[str]:
    """What cannot be, in words: numbers below zero, more votes than there were voters, written opinions where they don't count."""
    if kind not in VOTES:
        return
    if room.joint:
        yield "联合召开的会议不作表决,请各组织分别召开会议表决。"
    if room.voting == 0:
        yield "这次会议的应到名单里没有有表决权的同志,不能在这里登记表决。"
    if vote is None:
        yield "请填写表决票数。"
        return
    if min(vote.in_favour, vote.against, vote.abstained, vote.written) < 0:
        yield "票数不能小于零。"
    yield from _written_flaws(kind, vote, room, known or load())
    if kind != "election" and vote.given > room.present + vote.written:  # an election with too many ballots is judged, not refused
        yield f"票数合计{vote.given}票,多于到会有表决权的{room.present}人" + (f"加书面意见{vote.written}份。" if vote.written else "。")


def _written_flaws(kind: str, vote: Vote, room: Room, known: Catalogue) -> Iterator[str]:
    if not vote.written:
        return
    if kind != "vote_admission" or not known.rule("vote_admission.pass").values.get("prior_written_opinion_counts"):
        yield "只有接收、转正表决可以计入会前书面意见。"
    elif vote.written > room.voting - room.present:
        yield f"有表决权而未到会的只有{room.voting - room.present}人,书面意见不能多于这个数。"
    elif vote.written > vote.in_favour:
        yield "会前书面意见(赞成)计在赞成票里,不能多于赞成票。"


def judge(kind: str, vote: Vote | None, room: Room, *, meeting: str = "党员大会", known: Catalogue | None = None) -> Verdict:
    """The verdict on one vote at a `meeting` (kind of activity). What was agreed without a vote is not judged."""
    known = known or load()
    if kind not in VOTES or vote is None:
        return Verdict(None, "")
    enough = _quorum(_quorum_rule(kind, meeting, known), room)
    if not enough.passed:
        return Verdict(passed=False, reason=enough.reason, rule=enough.rule)
    if kind == "election":
        return _election(vote, room, enough, known)
    if meeting == "支委会":
        return Verdict(None, f"{enough.reason}支委会表决的通过要求条例没有写明,请按本单位规定认定。", enough.rule)
    return _majority(known.rule(f"{kind}.pass"), vote.in_favour, room.voting, "应到会", enough.reason)


def _quorum_rule(kind: str, meeting: str, known: Catalogue) -> Rule:
    return known.rule("committee_meeting.quorum" if meeting == "支委会" and kind == "vote_resolution" else f"{kind}.quorum")


def _quorum(rule: Rule, room: Room) -> Verdict:
    met = reaches(rule, room.present, room.voting)
    told = f"应到{room.voting}人,实到{room.present}人,{_fraction(rule)},至少{least(rule, room.voting)}人"
    return Verdict(met, f"{told}:到会人数{'符合' if met else '不足,表决无效'}({cite(rule)})。", rule.key)


def _majority(rule: Rule, votes: int, whole: int, of: str, before: str) -> Verdict:
    met = reaches(rule, votes, whole)
    told = f"赞成{votes}票,{of}有表决权{whole}人,{_fraction(rule)},至少{least(rule, whole)}票:{PASSED if met else FAILED}"
    return Verdict(met, f"{before}{told}({cite(rule)})。", rule.key)


def _election(vote: Vote, room: Room, enough: Verdict, known: Catalogue) -> Verdict:
    """One candidate: ballots no more than voters, then more than half of those expected (or, by the office's switch, of those present)."""
    ballots = known.rule("election.ballots_valid_if")
    if vote.given > room.present:
        told = f"收回选票{vote.given}张,多于到会{room.present}人,选举无效,应重新选举({cite(ballots)})。"
        return Verdict(passed=False, reason=f"{enough.reason}{told}", rule=ballots.key)
    of = str(known.param("living.election_win_of"))
    whole = room.voting if of == "expected" else room.present
    return _majority(known.rule("election.win"), vote.in_favour, whole, OF[of], enough.reason)


def _fraction(rule: Rule) -> str:
    return f"须{'超过' if rule.values['op'] == '>' else '不少于'}{rule.values['num']}/{rule.values['den']}"

