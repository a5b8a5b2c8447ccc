"""Votes case by case, as a Party worker would count them, after the rules of the catalogue."""

from dataclasses import replace

import pytest

from zaidao.carriers.decisions.votes import Room, Vote, flaws, judge, least, quorum, reaches
from zaidao.engine import catalogue

KNOWN = catalogue.load()
PRESENT = replace(KNOWN, params={**KNOWN.params, "living.election_win_of": "present"})

# name: kind, room (应到有表决权, 实到有表决权), vote (赞成, 反对, 弃权, 书面), passed, words of the reason
CASES = {
    "决议:到会恰半数有效,赞成过应到半数通过": ("vote_resolution", (10, 6), (6, 0, 0, 0), True, "第11条"),
    "决议:到会恰为半数可以开会": ("vote_resolution", (10, 5), (5, 0, 0, 0), False, "至少6票"),
    "决议:到会不足半数无效": ("vote_resolution", (10, 4), (4, 0, 0, 0), False, "不足,表决无效"),
    "决议:赞成恰为应到半数不通过": ("vote_resolution", (20, 20), (10, 10, 0, 0), False, "至少11票"),
    "决议:赞成比半数多一票通过": ("vote_resolution", (20, 20), (11, 9, 0, 0), True, "赞成11票"),
    "决议:应到为单数": ("vote_resolution", (7, 4), (4, 0, 0, 0), True, "至少4票"),
    "决议:应到为单数,到会不足": ("vote_resolution", (7, 3), (3, 0, 0, 0), False, "至少4人"),
    "决议:实到过半但不过应到半数": ("vote_resolution", (30, 20), (15, 5, 0, 0), False, "至少16票"),
    "决议:一个人的支部": ("vote_resolution", (1, 1), (1, 0, 0, 0), True, "至少1票"),
    "决议:没有有表决权的人": ("vote_resolution", (0, 0), (0, 0, 0, 0), False, "不足"),
    "接收:到会恰半数无效": ("vote_admission", (10, 5), (5, 0, 0, 0), False, "第20条"),
    "接收:到会过半,赞成过半": ("vote_admission", (10, 6), (6, 0, 0, 0), True, "第21条"),
    "接收:赞成恰半数不通过": ("vote_admission", (10, 8), (5, 3, 0, 0), False, "至少6票"),
    "接收:会前书面意见计入赞成票": ("vote_admission", (10, 6), (6, 1, 0, 1), True, "赞成6票"),
    "接收:书面意见不补到会人数": ("vote_admission", (10, 5), (7, 0, 0, 2), False, "不足"),
    "选举:到会恰为五分之四有效": ("election", (10, 8), (6, 2, 0, 0), True, "至少8人"),
    "选举:到会不到五分之四无效": ("election", (10, 7), (7, 0, 0, 0), False, "不足"),
    "选举:五分之四不是整数时进一": ("election", (11, 8), (8, 0, 0, 0), False, "至少9人"),
    "选举:得票恰为应到半数不当选": ("election", (20, 16), (10, 6, 0, 0), False, "至少11票"),
    "选举:得票过应到半数当选": ("election", (20, 16), (11, 5, 0, 0), True, "待核"),
    "选举:收回选票多于到会人数": ("election", (10, 8), (9, 0, 0, 0), False, "选举无效"),
    "选举:收回选票少于到会人数有效": ("election", (10, 9), (6, 1, 0, 0), True, "赞成6票"),
}


@pytest.mark.parametrize("name", CASES)
def test_what_passes(name: str) -> None:
    kind, room, vote, passed, words = CASES[name]
    found = judge(kind, Vote(*vote), Room(*room))
    assert found.passed is passed, found.reason
    assert words in found.reason
    assert found.rule.startswith(kind)


def test_by_the_office_s_switch_an_election_is_won_by_half_of_those_present() -> None:
    vote, room = Vote(10, 6), Room(20, 16)
    assert judge("election", vote, room).passed is False
    found = judge("election", vote, room, known=PRESENT)
    assert found.passed is True
    assert "实到会有表决权16人" in found.reason
    assert judge("election", Vote(8, 8), room, known=PRESENT).passed is False  # exactly half of those present


def test_a_probationary_member_who_is_there_neither_makes_a_quorum_nor_a_majority() -> None:
    """Ten full members, two probationary: five full and two probationary came. Whoever has no vote is not in the room of voters."""
    assert judge("vote_admission", Vote(5), Room(voting=10, present=5)).passed is False
    assert judge("vote_resolution", Vote(5), Room(voting=10, present=5)).passed is False


def test_whoever_is_taken_out_of_those_expected_lowers_what_is_asked() -> None:
    """Twelve members, four excused with leave on record: eight expected."""
    assert judge("vote_resolution", Vote(5), Room(12, 5)).passed is False
    assert judge("vote_resolution", Vote(5), Room(8, 5)).passed is True
    assert judge("election", Vote(7), Room(12, 7)).passed is False
    assert judge("election", Vote(7), Room(8, 7)).passed is True


def test_a_committee_s_vote_is_checked_for_its_quorum_and_not_judged_where_no_rule_does() -> None:
    found = judge("vote_resolution", Vote(2), Room(5, 2), meeting="支委会")
    assert (found.passed, found.rule) == (False, "committee_meeting.quorum")
    found = judge("vote_resolution", Vote(3), Room(5, 3), meeting="支委会")
    assert found.passed is None
    assert "没有写明" in found.reason


def test_what_was_agreed_without_a_vote_is_not_judged() -> None:
    assert judge("agreed", None, Room(10, 1)).passed is None


@pytest.mark.parametrize(("kind", "org", "room", "met"), [
    ("党员大会", "branch", (10, 5), True), ("党员大会", "branch", (11, 5), False), ("支委会", "branch", (5, 3), True),
    ("支委会", "branch", (5, 2), False), ("支委会", "branch", (4, 2), True), ("组织生活会", "committee", (9, 6), True),
    ("组织生活会", "committee", (10, 6), False),
])
def test_quorum_of_a_meeting(kind: str, org: str, room: tuple[int, int], met: bool) -> None:
    found = quorum(kind, org, Room(*room))
    assert found is not None
    assert found.passed is met, found.reason


def test_meetings_without_a_rule_have_no_quorum() -> None:
    assert quorum("组织生活会", "branch", Room(10, 1)) is None
    assert quorum("主题党日", "branch", Room(10, 1)) is None


def wrong(kind: str, vote: Vote | None, room: Room) -> str:
    return "".join(flaws(kind, vote, room))


def test_impossible_counts_are_told() -> None:
    room = Room(10, 6)
    assert wrong("vote_resolution", Vote(5, 1), room) == ""
    assert "多于到会" in wrong("vote_resolution", Vote(6, 1), room)
    assert "小于零" in wrong("vote_resolution", Vote(-1, 1), room)
    assert "请填写" in wrong("vote_resolution", None, room)
    assert "只有接收" in wrong("vote_resolution", Vote(5, written=1), room)
    assert "只有接收" in wrong("election", Vote(5, written=1), room)
    assert wrong("vote_admission", Vote(9, written=4), room) == ""  # six present, four in writing
    assert "不能多于这个数" in wrong("vote_admission", Vote(9, written=5), room)
    assert "不能多于赞成票" in wrong("vote_admission", Vote(1, 2, written=2), room)
    assert wrong("election", Vote(9), room) == ""  # judged void, not refused
    assert "不作表决" in wrong("vote_resolution", Vote(5), Room(10, 6, joint=True))
    assert "没有有表决权" in wrong("vote_resolution", Vote(0), Room(0, 0))
    assert wrong("agreed", None, room) == ""


@pytest.mark.parametrize("key", ["vote_resolution.quorum", "vote_resolution.pass", "vote_admission.quorum", "vote_admission.pass",
                                 "committee_meeting.quorum", "democratic_life_meeting.quorum", "election.quorum", "election.win"])
def test_least_is_where_the_rule_begins_to_hold(key: str) -> None:
    rule = KNOWN.rule(key)
    for whole in range(1, 200):
        first = least(rule, whole)
        assert reaches(rule, first, whole)
        assert not reaches(rule, first - 1, whole)
