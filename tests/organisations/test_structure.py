"""Structural changes: who may, when they are refused, and what becomes of people, posts, letters and subordinate organisations."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests import world
from tests.world import World
from zaidao.core import access
from zaidao.core.errors import Refused
from zaidao.core.models import Entry, Message
from zaidao.organisations.actions import structure
from zaidao.organisations.actions.dissolve import dissolve
from zaidao.organisations.actions.establish import edit, enter, establish
from zaidao.organisations.actions.merge import merge, order_of
from zaidao.organisations.actions.move import move
from zaidao.organisations.actions.rename import rekind, rename
from zaidao.organisations.actions.split import split
from zaidao.organisations.decisions.structure_facts import Order, Part
from zaidao.organisations.models import Appointment, Change, Link, Membership, Naming, Organisation, Person, Place, Post, Term, Transfer

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 1)
PAPER = {"effective_on": DAY, "document_no": "党字〔2026〕1号"}


@pytest.fixture
def made() -> World:
    return world.build()


def fresh(org: Organisation) -> Organisation:
    return Organisation.everything.get(pk=org.pk)


def asked(made: World, who: str, sender: str, receiver: str | None) -> Transfer:
    return Transfer.everything.create(
        person=made.people[who], sender=made.orgs[sender], receiver=made.orgs[receiver] if receiver else None, issued_on=date(2026, 2, 1),
        valid_until=date(2026, 5, 1), outside="" if receiver else "外省某党委",
    )


class TestEstablish:
    def test_a_branch_under_the_superiors_committee(self, made: World) -> None:
        row = establish(actor=made.users["superior"], name="新线支部", kind="branch", parent=made.orgs["company"].pk, **PAPER)
        assert row.path.startswith(fresh(made.orgs["company"]).path)
        assert row.code.startswith("ZZ")
        assert row.established_on == DAY
        assert Place.everything.get(organisation=row).since == DAY
        assert Change.everything.get(organisation=row).document_no == PAPER["document_no"]
        assert Entry.objects.filter(object_type="organisations.organisation", object_id=str(row.pk)).count() == 1
        assert Message.objects.get(subject=row.pk).topic == "organisations.established"

    def test_codes_are_unique_and_made_where_empty(self, made: World) -> None:
        how = {"actor": made.users["superior"], "kind": "branch", "parent": made.orgs["company"].pk, **PAPER}
        made_codes = {establish(name=f"新{n}支部", **how).code for n in range(3)}
        assert len(made_codes) == 3
        with pytest.raises(Refused, match="已在使用"):
            establish(name="又一支部", code="O-branch", **how)
        assert not Organisation.everything.filter(name="又一支部").exists()

    @pytest.mark.parametrize(("kind", "form", "parent", "reason"), [
        ("group", "固定", "company", "党小组设在党支部之下"), ("committee", "固定", "branch", "党委设在党委之下"),
        ("general_branch", "联合", "company", "没有“联合”"), ("branch", "固定", "branch", "党支部设在党委、党总支之下"),
    ])
    def test_kind_and_form_must_fit_the_superior(self, made: World, kind: str, form: str, parent: str, reason: str) -> None:
        with pytest.raises(Refused, match=reason):
            establish(actor=made.users["head"], name="新组织", kind=kind, form=form, parent=made.orgs[parent].pk, **PAPER)

    @pytest.mark.parametrize(("day", "name", "document_no", "reason"), [
        (timezone.localdate() + timedelta(days=1), "新支部", "1号", "不能晚于今天"), (date(2019, 12, 31), "新支部", "1号", "上级组织"),
        (DAY, "机关支部", "1号", "已有"), (DAY, " ", "1号", "名称"), (DAY, "新支部", " ", "文号"),
    ])
    def test_refusals(self, made: World, day: date, name: str, document_no: str, reason: str) -> None:
        with pytest.raises(Refused, match=reason):
            establish(
                actor=made.users["superior"], name=name, kind="branch", parent=made.orgs["company"].pk, effective_on=day,
                document_no=document_no,
            )

    @pytest.mark.parametrize("who", ["secretary", "sibling_secretary", "member", "nobody"])
    def test_others_may_not(self, made: World, who: str) -> None:
        with pytest.raises(access.Denied):
            establish(actor=made.users[who], name="新支部", kind="branch", parent=made.orgs["company"].pk, **PAPER)

    def test_the_top_is_the_systems(self, made: World) -> None:
        how = {"name": "新集团党委", "kind": "committee", "parent": None, **PAPER}
        with pytest.raises(access.Denied):
            establish(actor=made.users["head"], **how)
        made.users["nobody"].duties.create(duty="system")
        assert establish(actor=made.users["nobody"], **how).depth == 0

    def test_the_same_token_establishes_once(self, made: World) -> None:
        how = {"actor": made.users["superior"], "kind": "branch", "parent": made.orgs["company"].pk, "token": "t1", **PAPER}
        assert establish(name="新线支部", **how).pk == establish(name="新线支部", **how).pk
        assert Organisation.everything.filter(name="新线支部").count() == 1

    def test_a_ledger_may_know_an_older_organisation_than_its_superior_or_no_day_at_all(self, made: World) -> None:
        how = {"actor": made.users["superior"], "kind": "branch", "parent": made.orgs["company"].pk}
        old = enter(name="老支部", established_on=date(1990, 5, 1), **how)
        assert (old.established_on, Place.everything.get(organisation=old).since) == (date(1990, 5, 1), world.SINCE)
        unknown = enter(name="不详支部", established_on=None, **how)
        assert (unknown.established_on, Place.everything.get(organisation=unknown).since) == (None, world.SINCE)
        with pytest.raises(access.Denied):
            enter(name="别处支部", established_on=None, **how | {"actor": made.users["sibling_secretary"]})


class TestEdit:
    def test_facts_without_a_document(self, made: World) -> None:
        row = edit(actor=made.users["secretary"], organisation=made.orgs["branch"].pk, unit="机关", headcount=12, version=1)
        assert (row.unit, row.headcount, row.version) == ("机关", 12, 2)
        assert Entry.objects.get(verb="organisations.edit").changes == {"unit": ["", "机关"], "headcount": [40, 12]}

    def test_an_old_version_is_refused(self, made: World) -> None:
        edit(actor=made.users["secretary"], organisation=made.orgs["branch"].pk, unit="机关", version=1)
        with pytest.raises(Refused, match="已被别人改过"):
            edit(actor=made.users["superior"], organisation=made.orgs["branch"].pk, unit="厂办", version=1)

    def test_a_form_that_does_not_fit_is_refused(self, made: World) -> None:
        with pytest.raises(Refused, match="联合"):
            edit(actor=made.users["head"], organisation=made.orgs["company"].pk, form="联合")
        with pytest.raises(Refused, match="临时党组织之下"):
            edit(actor=made.users["head"], organisation=made.orgs["company"].pk, form="临时")
        assert fresh(made.orgs["company"]).form == "固定"

    @pytest.mark.parametrize("who", ["sibling_secretary", "member", "nobody"])
    def test_others_may_not(self, made: World, who: str) -> None:
        with pytest.raises(access.Denied):
            edit(actor=made.users[who], organisation=made.orgs["branch"].pk, unit="机关")


class TestRename:
    def test_the_old_name_stands_before_the_day(self, made: World) -> None:
        rename(actor=made.users["superior"], organisation=made.orgs["branch"].pk, name="党群支部", **PAPER)
        assert fresh(made.orgs["branch"]).name == "党群支部"
        names = [(n.name, n.since, n.until) for n in Naming.everything.filter(organisation=made.orgs["branch"])]
        assert names == [("机关支部", world.SINCE, DAY), ("党群支部", DAY, None)]

    @pytest.mark.parametrize(("name", "reason"), [("机关支部", "没有变化"), ("车间支部", "已有"), ("", "请填写名称")])
    def test_refusals(self, made: World, name: str, reason: str) -> None:
        with pytest.raises(Refused, match=reason):
            rename(actor=made.users["superior"], organisation=made.orgs["branch"].pk, name=name, **PAPER)

    @pytest.mark.parametrize(("day", "reason"), [
        (date(2019, 1, 1), "成立"), (DAY - timedelta(days=1), "已有变动"), (timezone.localdate() + timedelta(days=1), "不能晚于今天"),
    ])
    def test_days_out_of_order_are_refused_with_the_reason(self, made: World, day: date, reason: str) -> None:
        rename(actor=made.users["superior"], organisation=made.orgs["branch"].pk, name="党群支部", **PAPER)
        with pytest.raises(Refused, match=reason):
            rename(actor=made.users["superior"], organisation=made.orgs["branch"].pk, name="再改支部", effective_on=day, document_no="2号")

    def test_twice_on_one_day_leaves_one_name_from_that_day(self, made: World) -> None:
        for name in ("甲支部", "乙支部"):
            rename(actor=made.users["superior"], organisation=made.orgs["branch"].pk, name=name, **PAPER)
        assert [n.name for n in Naming.everything.filter(organisation=made.orgs["branch"])] == ["机关支部", "乙支部"]


class TestRekind:
    def test_a_branch_becomes_a_general_branch(self, made: World) -> None:
        how = {"kind": "general_branch", "form": "固定", "name": "机关党总支", **PAPER}
        rekind(actor=made.users["superior"], organisation=made.orgs["branch"].pk, **how)
        assert (fresh(made.orgs["branch"]).kind, fresh(made.orgs["branch"]).name) == ("general_branch", "机关党总支")
        assert Naming.everything.get(organisation=made.orgs["branch"], until=DAY).kind == "branch"

    def test_subordinates_must_fit_the_new_kind(self, made: World) -> None:
        with pytest.raises(Refused, match="机关支部:党支部设在"):
            rekind(actor=made.users["head"], organisation=made.orgs["company"].pk, kind="branch", form="固定", **PAPER)


class TestMove:
    def test_the_subtree_follows_and_the_past_stays(self, made: World) -> None:
        move(actor=made.users["head"], organisation=made.orgs["branch"].pk, parent=made.orgs["other"].pk, **PAPER)
        row = fresh(made.orgs["branch"])
        assert row.path.startswith(fresh(made.orgs["other"]).path)
        places = list(Place.everything.filter(organisation=row).order_by("since").values_list("path", "since", "until"))
        assert places == [(made.orgs["branch"].path, world.SINCE, DAY), (row.path, DAY, None)]
        assert Change.everything.get(organisation=row).detail == {"before": "一公司党委", "after": "二公司党委"}
        assert Person.everything.get(pk=made.people["member"].pk).organisation_id == row.pk

    def test_whoever_manages_one_side_only_may_not(self, made: World) -> None:
        with pytest.raises(access.Denied):
            move(actor=made.users["superior"], organisation=made.orgs["branch"].pk, parent=made.orgs["other"].pk, **PAPER)
        with pytest.raises(access.Denied):
            move(actor=made.users["superior"], organisation=made.orgs["quay"].pk, parent=made.orgs["company"].pk, **PAPER)

    @pytest.mark.parametrize("who", ["secretary", "sibling_secretary", "member", "nobody"])
    def test_not_even_its_own_secretary(self, made: World, who: str) -> None:
        for do in (
            lambda: move(actor=made.users[who], organisation=made.orgs["branch"].pk, parent=made.orgs["other"].pk, **PAPER),
            lambda: dissolve(actor=made.users[who], organisation=made.orgs["branch"].pk, successor=made.orgs["sibling"].pk, **PAPER),
            lambda: rename(actor=made.users[who], organisation=made.orgs["branch"].pk, name="自改支部", **PAPER),
        ):
            with pytest.raises(access.Denied):
                do()
        assert not Change.everything.exists()

    def test_not_below_itself_and_not_where_its_kind_does_not_stand(self, made: World) -> None:
        with pytest.raises(Refused, match="下级"):
            move(actor=made.users["head"], organisation=made.orgs["company"].pk, parent=made.orgs["branch"].pk, **PAPER)
        with pytest.raises(Refused, match="党支部设在"):
            move(actor=made.users["head"], organisation=made.orgs["branch"].pk, parent=made.orgs["quay"].pk, **PAPER)
        with pytest.raises(Refused, match="现在就隶属"):
            move(actor=made.users["head"], organisation=made.orgs["branch"].pk, parent=made.orgs["company"].pk, **PAPER)

    def test_a_move_on_the_day_of_the_last_one_replaces_it(self, made: World) -> None:
        for parent in ("other", "group"):
            move(actor=made.users["head"], organisation=made.orgs["branch"].pk, parent=made.orgs[parent].pk, **PAPER)
        assert [(link.parent_id, link.since) for link in Link.everything.filter(child=made.orgs["branch"])] == [
            (made.orgs["company"].pk, world.SINCE), (made.orgs["group"].pk, DAY)]


class TestMerge:
    def merge(self, made: World, **how: Any) -> Change:
        return merge(actor=made.users["superior"], sources=[made.orgs["branch"].pk], target=made.orgs["sibling"].pk, **PAPER | how)

    def test_everything_goes_to_the_target(self, made: World) -> None:
        group = establish(actor=made.users["head"], name="一组", kind="group", parent=made.orgs["branch"].pk, effective_on=date(2025, 1, 1),
                          document_no="0号")
        incoming, leaving = asked(made, "at_quay", "quay", "branch"), asked(made, "member", "branch", None)
        moot = asked(made, "at_branch", "branch", "sibling")
        self.merge(made)
        branch, sibling = fresh(made.orgs["branch"]), fresh(made.orgs["sibling"])
        assert branch.dissolved_on == DAY
        assert set(Person.everything.filter(organisation=sibling).values_list("code", flat=True)) == {
            "C-secretary", "C-member", "P-branch", "C-sibling_secretary", "P-sibling"}
        assert not Person.everything.filter(organisation=branch).exists()
        old, new = Membership.everything.filter(person=made.people["member"]).order_by("since")
        assert (old.organisation, old.until, new.organisation, new.since, new.until) == (branch, DAY, sibling, DAY, None)
        assert fresh(group).path == sibling.path + str(group.pk).zfill(8)
        assert Post.everything.get(organisation=branch).until == DAY
        held = Appointment.everything.get(post__organisation=branch)
        assert (held.until, held.end_reason) == (DAY, "组织合并(党字〔2026〕1号)")
        assert Appointment.everything.get(post__organisation=sibling).until is None
        assert Term.everything.get(organisation=branch).ended_on == DAY
        for letter in (incoming, leaving, moot):
            letter.refresh_from_db()
        assert (incoming.receiver, incoming.state) == (sibling, "asked")
        assert (leaving.sender, leaving.state) == (sibling, "asked")
        assert (moot.state, moot.settled_on) == ("withdrawn", DAY)

    def test_it_is_announced_with_codes_only(self, made: World) -> None:
        self.merge(made)
        told = Message.objects.get(topic="organisations.merged")
        assert (told.subject, told.data) == (made.orgs["sibling"].pk, {"on": "2026-03-01", "sources": ["O-branch"], "target": "O-sibling"})

    def test_every_person_has_it_on_record(self, made: World) -> None:
        self.merge(made)
        told = Entry.objects.filter(object_type="organisations.person", verb="organisations.restructure")
        assert {e.object_id for e in told} == {str(made.people[k].pk) for k in ("secretary", "member", "at_branch")}

    def test_the_former_secretary_has_no_right_left(self, made: World) -> None:
        self.merge(made)
        made.users["secretary"].refresh_from_db()
        access.forget(made.users["secretary"])
        assert not access.holder(made.users["secretary"]).may("people.edit", fresh(made.orgs["sibling"]).path)
        assert access.holder(made.users["secretary"]).may("organisations.view", fresh(made.orgs["sibling"]).path)

    def test_into_a_new_one(self, made: World) -> None:
        change = merge(
            actor=made.users["superior"], sources=[made.orgs["branch"].pk, made.orgs["sibling"].pk], name="联合车间支部", form="联合",
            parent=made.orgs["company"].pk, **PAPER,
        )
        new = change.organisation
        assert (new.name, new.form, new.kind, new.established_on) == ("联合车间支部", "联合", "branch", DAY)
        assert Person.everything.filter(organisation=new).count() == 5
        assert {fresh(made.orgs[k]).dissolved_on for k in ("branch", "sibling")} == {DAY}

    @pytest.mark.parametrize(("how", "reason"), [
        ({"target": None, "name": "新支部", "parent": "company"}, "至少要有两个"), ({"sources": ["branch", "sibling"]}, "同时是被合并"),
        ({"sources": ["company"], "target": "branch"}, "自己或它的下级"), ({"sources": ["branch"], "target": "other"}, "不同类"),
    ])
    def test_refusals(self, made: World, how: dict[str, Any], reason: str) -> None:
        keys = {"sources": ["branch"], "target": "sibling"} | how
        keys["sources"] = [made.orgs[k].pk for k in keys["sources"]]
        for name in ("target", "parent"):
            keys[name] = made.orgs[keys[name]].pk if keys.get(name) else None
        with pytest.raises(Refused, match=reason):
            merge(actor=made.users["head"], **keys, **PAPER)
        assert not Organisation.everything.exclude(dissolved_on=None).exists()

    def test_a_day_before_the_last_facts_is_refused(self, made: World) -> None:
        with pytest.raises(Refused, match="还有人员、任职"):
            self.merge(made, effective_on=date(2025, 2, 1))


class TestDissolve:
    def test_people_go_to_the_successor(self, made: World) -> None:
        change = dissolve(actor=made.users["superior"], organisation=made.orgs["branch"].pk, successor=made.orgs["company"].pk, **PAPER)
        assert change.detail["after"] == "一公司党委"
        assert Person.everything.filter(organisation=made.orgs["company"], code="C-member").exists()
        assert not Link.everything.filter(child=made.orgs["branch"], until=None).exists()

    def test_without_a_successor_nothing_may_be_left(self, made: World) -> None:
        with pytest.raises(Refused, match="还有人员、下级组织,请选择承接组织"):
            dissolve(actor=made.users["head"], organisation=made.orgs["company"].pk, successor=None, **PAPER)

    def test_its_record_follows_the_superior_it_had(self, made: World) -> None:
        dissolve(actor=made.users["superior"], organisation=made.orgs["branch"].pk, successor=made.orgs["sibling"].pk, **PAPER)
        move(actor=made.users["head"], organisation=made.orgs["company"].pk, parent=made.orgs["other"].pk, effective_on=date(2026, 4, 1),
             document_no="2号")
        assert fresh(made.orgs["branch"]).path.startswith(fresh(made.orgs["company"]).path)
        assert Place.everything.get(organisation=made.orgs["branch"]).path == made.orgs["branch"].path

    def test_who_is_appointed_for_a_later_day_is_in_nobodys_way(self, made: World) -> None:
        """Neither an appointment that begins later nor one registered by mistake keeps an organisation from ending today."""
        today, later = timezone.localdate(), timezone.localdate() + timedelta(days=30)
        coming, mistaken = (world.appoint(made.people[who], made.orgs["branch"], "委员") for who in ("member", "at_branch"))
        Appointment.everything.filter(pk__in=[coming.pk, mistaken.pk]).update(since=later)
        Appointment.everything.filter(pk=mistaken.pk).update(until=later)
        how = {"organisation": made.orgs["branch"].pk, "successor": made.orgs["sibling"].pk, "effective_on": today, "document_no": "1号"}
        dissolve(actor=made.users["superior"], **how)
        coming.refresh_from_db()
        mistaken.refresh_from_db()
        assert (coming.since, coming.until, coming.end_reason) == (later, later, "组织撤销(1号)")  # no day of office
        assert (mistaken.until, mistaken.end_reason, mistaken.version) == (later, "", 1)

    def test_a_temporary_organisation_takes_nobody_over(self, made: World) -> None:
        how = {"name": "临时支部", "kind": "branch", "form": "临时", "parent": made.orgs["company"].pk}
        for_now = establish(actor=made.users["superior"], **how, **PAPER)
        with pytest.raises(Refused, match="不能承接人员"):
            dissolve(actor=made.users["superior"], organisation=made.orgs["branch"].pk, successor=for_now.pk, **PAPER)


class TestSplit:
    def parts(self, made: World) -> tuple[Part, Part]:
        post = Post.everything.get(organisation=made.orgs["branch"])
        first = Part("机关一支部", (made.people["secretary"].pk, made.people["member"].pk), (post.pk,))
        return first, Part("机关二支部", (made.people["at_branch"].pk,))

    def test_one_ends_and_two_begin(self, made: World) -> None:
        letter, incoming = asked(made, "at_branch", "branch", None), asked(made, "at_quay", "quay", "branch")
        split(actor=made.users["superior"], organisation=made.orgs["branch"].pk, parts=self.parts(made), keep=False, **PAPER)
        first, second = Organisation.everything.get(name="机关一支部"), Organisation.everything.get(name="机关二支部")
        assert fresh(made.orgs["branch"]).dissolved_on == DAY
        assert Person.everything.get(code="C-member").organisation == first
        assert Person.everything.get(code="P-branch").organisation == second
        going_on = Appointment.everything.get(post__organisation=first)
        assert (going_on.person.code, going_on.since, going_on.until, going_on.post.title) == ("C-secretary", DAY, None, "书记")
        assert Appointment.everything.get(post__organisation=made.orgs["branch"]).end_reason.startswith("组织分设")
        letter.refresh_from_db()
        incoming.refresh_from_db()
        assert (letter.sender, incoming.receiver) == (second, first)

    def test_the_organisation_may_go_on(self, made: World) -> None:
        split(actor=made.users["superior"], organisation=made.orgs["branch"].pk, parts=self.parts(made)[1:], keep=True, **PAPER)
        assert fresh(made.orgs["branch"]).standing
        assert Person.everything.filter(organisation=made.orgs["branch"]).count() == 2
        assert Appointment.everything.get(post__organisation=made.orgs["branch"]).until is None
        assert Term.everything.get(organisation=made.orgs["branch"]).ended_on is None

    def test_posts_end_where_people_and_post_part_ways(self, made: World) -> None:
        """Nobody leads a group or sits on a committee from which the split has taken them; other posts and those above go on."""
        group = establish(actor=made.users["head"], name="一组", kind="group", parent=made.orgs["branch"].pk, document_no="0号",
                          effective_on=date(2025, 1, 1))
        here, above = made.orgs["branch"], made.orgs["company"]
        for who, where, title in (("member", group, "组长"), ("at_branch", here, "宣传委员"), ("at_branch", above, "委员"),
                                  ("secretary", here, "工会主席")):
            world.appoint(made.people[who], where, title)
        Post.everything.filter(title="工会主席").update(domain="mass")
        lead = Post.everything.get(organisation=here, title="书记")
        part = Part("一支部", (made.people["at_branch"].pk, made.people["secretary"].pk), (lead.pk,), (group.pk,))
        order = Order("split", DAY, "1号", (here.pk,), parts=(part,), keep=True)
        seen = structure.preview(made.users["superior"], order)
        assert "另有 2 项党内任职,人和任职的组织分到了两处" in "".join(seen.lines)
        split(actor=made.users["superior"], organisation=here.pk, parts=(part,), keep=True, effective_on=DAY, document_no="1号",
              token=seen.token)
        held = {(a.post.title, a.post.organisation.name): a for a in Appointment.everything.filter(since__lt=DAY)}
        ended = {key for key, a in held.items() if a.until == DAY}
        assert ended == {("组长", "一组"), ("宣传委员", "机关支部"), ("书记", "机关支部")}
        # Who goes on in the same post hands nothing over.
        assert {key for key, a in held.items() if hasattr(a, "hand_over")} == ended - {("书记", "机关支部")}
        assert {("委员", "一公司党委"), ("工会主席", "机关支部")} <= {key for key, a in held.items() if a.until is None}

    def test_an_end_or_a_beginning_that_is_set_for_a_later_day_goes_along(self, made: World) -> None:
        later = timezone.localdate() + timedelta(days=60)
        lead = Appointment.everything.get(post__organisation=made.orgs["branch"])
        next_one = world.appoint(made.people["member"], made.orgs["branch"], "书记")
        Appointment.everything.filter(pk=lead.pk).update(until=later)
        Appointment.everything.filter(pk=next_one.pk).update(since=later)
        split(actor=made.users["superior"], organisation=made.orgs["branch"].pk, parts=self.parts(made), keep=False, **PAPER)
        new = Appointment.everything.filter(post__organisation__name="机关一支部").order_by("since")
        assert [(a.person.code, a.since, a.until) for a in new] == [("C-secretary", DAY, later), ("C-member", later, None)]

    @pytest.mark.parametrize(("change", "reason"), [
        (lambda a, b: ((a, Part("机关二支部")), False), "还有 1 名人员没有去向"), (lambda a, b: ((a,), False), "至少要有两个"),
        (lambda a, b: ((a, Part("机关二支部", a.people)), False), "重复"),
        (lambda a, b: ((b, Part("机关二支部", a.people)), False), "不能相同"),
        (lambda a, b: ((Part("车间支部", b.people),), True), "已有"),
    ])
    def test_refusals(self, made: World, change: Any, reason: str) -> None:
        parts, keep = change(*self.parts(made))
        with pytest.raises(Refused, match=reason):
            split(actor=made.users["superior"], organisation=made.orgs["branch"].pk, parts=parts, keep=keep, **PAPER)
        assert not Change.everything.exists()


class TestPreview:
    def order(self, made: World) -> Order:
        return order_of([made.orgs["branch"].pk], made.orgs["sibling"].pk, "", None, "固定", DAY, "1号")

    def test_it_says_what_becomes_of_whom(self, made: World) -> None:
        asked(made, "at_quay", "quay", "branch")
        seen = structure.preview(made.users["superior"], self.order(made))
        told = "".join(seen.lines)
        for words in ("3 名党员随之转入车间支部", "1 个岗位自生效日起终止(书记)", "1 项任职以“组织合并”结束",
                      "1 件待接收的转接由车间支部承接", "诊断提示和回应仍记在原组织编号下", "以往日期的组织树"):
            assert words in told
        assert not any(name in told for name in made.canaries("branch", "quay"))

    def test_only_who_may_make_it_may_see_it(self, made: World) -> None:
        for who in ("secretary", "sibling_secretary", "member", "nobody"):
            with pytest.raises(access.Denied):
                structure.preview(made.users[who], self.order(made))

    @pytest.mark.parametrize("meanwhile", ["person", "post", "letter", "child", "category"])
    def test_whatever_changes_meanwhile_is_shown_anew(self, made: World, meanwhile: str) -> None:
        seen = structure.preview(made.users["superior"], self.order(made))
        happens = {
            "person": lambda: world.person("N-1", "新人", made.orgs["branch"]),
            "post": lambda: Post.everything.create(organisation=made.orgs["branch"], title="委员"),
            "letter": lambda: asked(made, "at_quay", "quay", "branch"),
            "child": lambda: establish(actor=made.users["head"], name="一组", kind="group", parent=made.orgs["branch"].pk, **PAPER),
            "category": lambda: Person.everything.filter(code="C-member").update(category="employee"),
        }
        happens[meanwhile]()
        with pytest.raises(structure.Stale) as caught:
            merge(actor=made.users["superior"], sources=[made.orgs["branch"].pk], target=made.orgs["sibling"].pk, effective_on=DAY,
                  document_no="1号", token=seen.token)
        assert fresh(made.orgs["branch"]).standing
        merge(actor=made.users["superior"], sources=[made.orgs["branch"].pk], target=made.orgs["sibling"].pk, effective_on=DAY,
              document_no="1号", token=caught.value.preview.token)
        assert not fresh(made.orgs["branch"]).standing

    def test_sent_twice_it_is_done_once(self, made: World) -> None:
        order = Order("move", DAY, "1号", (made.orgs["branch"].pk,), target=made.orgs["other"].pk)
        token = structure.preview(made.users["head"], order).token
        how = {"actor": made.users["head"], "organisation": made.orgs["branch"].pk, "parent": made.orgs["other"].pk, "effective_on": DAY,
               "document_no": "1号", "token": token}
        assert move(**how).pk == move(**how).pk
        assert Change.everything.filter(kind="move").count() == 1
        assert Message.objects.filter(topic="organisations.moved").count() == 1

    def test_another_order_with_that_token_is_not_made(self, made: World) -> None:
        order = Order("move", DAY, "1号", (made.orgs["branch"].pk,), target=made.orgs["other"].pk)
        token = structure.preview(made.users["head"], order).token
        with pytest.raises(structure.Stale):
            move(actor=made.users["head"], organisation=made.orgs["branch"].pk, parent=made.orgs["group"].pk, effective_on=DAY,
                 document_no="1号", token=token)
