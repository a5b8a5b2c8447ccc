"""The roster of the invented group: people by the thousand with what stands around them, made as they are written."""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from bench.living.invented import Inventor, typed
from bench.living.shape import Node, Shape
from zaidao.accounts.models import User
from zaidao.organisations.models import Absence, Membership, Organisation, Person, Step, Transfer

SHARES = (("full", 0.80), ("probationary", 0.03), ("candidate", 0.03), ("activist", 0.07), ("employee", 0.07))
LEFT = 0.05  # people on top who are on no roster any more
EARLIER = 0.08  # share of people who belonged elsewhere before
ACCOUNT = 0.12  # share of people with an account; who holds a post in the group's committee has one anyway


@dataclass
class Rows:
    """Rows to come, and after them who belongs where (numbers of people by place in the list of organisations)."""

    shape: Shape
    day: date
    nodes: list[Node]
    made: list[Organisation]
    members: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    homes: list[int] = field(default_factory=list)
    gone: dict[int, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.draw = random.Random(self.shape.seed + 2)
        self.inventor = Inventor(self.shape.seed + 3, self.day)
        self.homes = [i for i, n in enumerate(self.nodes) if n.until is None and n.kind in ("branch", "group")]
        ended: dict[int | None, list[int]] = defaultdict(list)
        for i, node in enumerate(self.nodes):
            if node.until:
                ended[node.parent].append(i)
        self.gone = {i: ended[self.nodes[i].parent] for i in self.homes}
        self.index = {o.pk: i for i, o in enumerate(self.made)}
        self.below: dict[int, int] = {}
        for i in reversed(self.homes):
            above = self.nodes[i].parent
            while above is not None:
                self.below[above] = i
                above = self.nodes[above].parent

    def pool(self, i: int) -> list[int]:
        """Whom an organisation chooses from: its own people, those of a branch's groups, else those of the first branch below."""
        return self.members.get(i) or self.members.get(self.below.get(i, -1)) or []

    def people(self) -> Iterator[Person]:
        """Everybody, in the order of the organisations; whoever left comes last."""
        total = self.shape.people
        for n in range(total):
            yield self._person(n, self.homes[n * len(self.homes) // total])
        for n in range(total, total + int(total * LEFT)):
            person = self._person(n, self.draw.choice(self.homes))
            person.left_from, person.organisation, person.user = person.organisation, None, None  # type: ignore[attr-defined]
            yield person

    def _person(self, n: int, home: int) -> Person:
        made = self.inventor.person(n)
        person = Person(
            code=f"R{n:07d}", name=made.name, organisation=self.made[home], category=self._category(), gender=made.gender, ethnicity="汉族",
            born_on=made.born_on, education="大学本科", occupation="专责",
        )
        person.pinyin, person.initials, person.pinyin_other, person.initials_other = typed(made.name)
        person.set_id_no(made.id_no)
        person.set_phone(made.phone)
        self._dated(person)
        if self.draw.random() < ACCOUNT or n < 40:
            person.user = User(work_no=person.code, name=made.name, password="!", activated_at=None)
        return person

    def _category(self) -> str:
        at = self.draw.random()
        for name, share in SHARES:
            at -= share
            if at < 0:
                return name
        return "employee"

    def _dated(self, person: Person) -> None:
        """Dates that agree with the category; a few reviews and probations are over."""
        ago = self._ago
        if person.category == "full":
            person.full_since = ago(30, 9_000)
            person.joined_on = person.full_since - timedelta(days=365)
        elif person.category == "probationary":
            person.joined_on, person.activist_since = ago(5, 372), ago(900, 1_500)
        elif person.category in ("candidate", "activist"):
            person.activist_since = ago(200, 1_200)
            person.reviewed_on = ago(1, 190)

    def _ago(self, least: int, most: int) -> date:
        return self.day - timedelta(days=self.draw.randrange(least, most))

    def around(self, part: Sequence[Person]) -> list[tuple[Any, list[Any]]]:
        """What stands around people who are written: memberships, steps, absences, transfers."""
        rows: dict[Any, list[Any]] = {model: [] for model in (Membership, Step, Absence, Transfer)}
        for person in part:
            self._belonged(person, rows)
            if person.organisation_id:
                self.members[self.index[person.organisation_id]].append(person.pk)
                self._stands(person, rows)
        return list(rows.items())

    def _belonged(self, person: Person, rows: dict[Any, list[Any]]) -> None:
        """Memberships one after another without a gap; the earlier one in a branch that ended where there was one."""
        last = person.organisation or person.left_from
        home, until = self.index[last.pk], None if person.organisation else self._ago(1, 900)
        since = self.nodes[home].since
        before = self.gone[home][person.pk % len(self.gone[home])] if self.gone[home] and person.pk % 4 == 0 else None
        if before is not None and until is None and self.nodes[before].until > since:  # type: ignore[operator]
            moved = self.nodes[before].until
            rows[Membership].append(Membership(person=person, organisation=self.made[before], since=self.nodes[before].since, until=moved))
            since = moved
        elif self.draw.random() < EARLIER and until is None and since < self.day - timedelta(days=60):
            since = self._transferred(person, home, rows)
        if until is None or until > since:
            rows[Membership].append(Membership(person=person, organisation=last, since=since, until=until))
        else:
            rows[Membership].append(Membership(person=person, organisation=last, since=None, until=until))

    def _transferred(self, person: Person, home: int, rows: dict[Any, list[Any]]) -> date:
        """Somebody who came from another branch; since when they are here."""
        other = self.draw.choice(self.homes)
        start, on = self.nodes[other].since, self._ago(20, 1_500)
        on = max(on, self.nodes[home].since, start + timedelta(days=1))
        if other == home or on >= self.day:
            return self.nodes[home].since
        rows[Membership].append(Membership(person=person, organisation=self.made[other], since=start, until=on))
        rows[Transfer].append(Transfer(
            person=person, sender=self.made[other], receiver=self.made[home], issued_on=on - timedelta(days=5), state="received",
            valid_until=on + timedelta(days=85), settled_on=on,
        ))
        return on

    def _stands(self, person: Person, rows: dict[Any, list[Any]]) -> None:
        since = person.full_since
        if person.category == "full" and since and since > self.day - timedelta(days=365 * self.shape.years):
            rows[Step].append(Step(person=person, before="probationary", after="full", on=since))
        kind = person.pk % 100
        if kind < 3:
            away = self._ago(10, 500)
            rows[Absence].append(Absence(person=person, kind=("mobile", "ill", "abroad")[kind], since=away,
                                         last_contact_on=max(away, self._ago(2, 70))))
        elif kind < 5:
            rows[Absence].append(Absence(person=person, kind="away", since=self._ago(600, 1_200), until=self._ago(1, 500)))
        elif kind == 5 and person.pk % 300 == 5 and person.category in ("full", "probationary"):
            receiver = self.made[self.draw.choice(self.homes)]
            if receiver.pk != person.organisation_id:
                rows[Transfer].append(Transfer(person=person, sender=person.organisation, receiver=receiver, issued_on=self._ago(1, 60),
                                               valid_until=self.day + timedelta(days=person.pk % 40)))
