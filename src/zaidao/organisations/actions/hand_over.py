"""交接清单: made when an appointment ends, filled with what the post carries, confirmed by both sides.

Upper modules add what else is carried (open tasks) by `carries`.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from zaidao.core import access as core_access
from zaidao.core import audit, outbox, rulebook, written
from zaidao.core.errors import Refused
from zaidao.organisations import access
from zaidao.organisations.decisions import role_of
from zaidao.organisations.models import Appointment, HandOver, Person, Transfer

GIVEN, RECEIVED = "given", "received"
MOST, LONGEST = 60, 200  # items of a list, characters of one
Carried = Callable[[Appointment], Iterable[str]]
_carried: list[Carried] = []


def carries(function: Carried) -> Carried:
    """Register what a post carries when it changes hands: short texts in Chinese, nothing sensitive."""
    _carried.append(function)
    return function


@carries
def transfers(held: Appointment) -> Iterable[str]:
    """Transfers of the organisation that nobody has received yet, for whoever keeps its roster."""
    organisation = held.post.organisation
    if role_of(held.post.title, held.post.domain, organisation.kind, held.tenure) not in access.KEEPERS:
        return
    for row in Transfer.everything.filter(sender=organisation, state="asked").select_related("person", "receiver"):
        where = row.receiver.name if row.receiver else row.outside
        yield f"组织关系转接未办结:{row.person.name}转往{where}({written.day(row.issued_on)}开出)"
    for row in Transfer.everything.filter(receiver=organisation, state="asked").select_related("person"):
        yield f"组织关系转入待接收:{row.person.name}({written.day(row.issued_on)}开出)"


def make(*, actor: Any, held: Appointment) -> HandOver | None:
    """The list of an appointment that ends; posts outside Party work have none. Called inside the act that ends it."""
    if held.post.domain not in ("party", ""):
        return None
    texts = [*rulebook.today().param("living.hand_over_items"), *(text for carried in _carried for text in carried(held))]
    following = Appointment.everything.filter(post=held.post, until=None, since__gte=held.until).exclude(person=held.person).first()
    found, _ = HandOver.everything.update_or_create(appointment=held, defaults={
        "items": _items(texts), "receiver": following.person if following else None, "given_at": None, "received_at": None,
        "given_by": None, "received_by": None, "note": "",
    })
    changes = {"items": [None, [i["text"] for i in found.items]]}
    audit.record(actor, access.HAND_OVER, found, path=held.post.organisation.path, changes=changes)
    outbox.announce("organisations.hand_over_opened", found.pk)
    return found


def name_receiver(successor: Appointment) -> None:
    """The successor receives the newest open list of the post that names nobody yet."""
    rows = HandOver.everything.filter(appointment__post=successor.post, receiver=None, received_at=None)
    found = rows.exclude(appointment__person=successor.person).order_by("-pk").first()
    if found:
        found.receiver = successor.person
        found.save(update_fields=["receiver"])


@transaction.atomic
def edit(*, actor: Any, hand_over: HandOver, items: Sequence[str], receiver: Person | None) -> HandOver:
    """Another list or receiver. What was confirmed is asked for again where it changes. Raises Denied, Refused."""
    path = hand_over.appointment.post.organisation.path
    grant = None if is_party(actor, hand_over) else core_access.require(actor, access.HAND_OVER, path)
    found = _locked(hand_over)
    if not found.is_open:
        raise Refused("双方都已确认,清单不能再改。")
    if receiver is not None and receiver.pk == found.appointment.person_id:
        raise Refused("接收人不能是交出人自己。")
    before = _told(found)
    found.items, found.receiver = _items(items), receiver
    if not found.items:
        raise Refused("清单至少要有一项。")
    changes = audit.changed(before, _told(found))
    if changes:
        found.given_at = found.given_by = found.received_at = found.received_by = None
        found.save()
        audit.record(actor, access.HAND_OVER, found, path=path, changes=changes, grant=grant)
    return found


@transaction.atomic
def confirm(*, actor: Any, hand_over: HandOver, side: str, note: str = "") -> HandOver:
    """One side says that it is done: by the person, also after leaving office; or for them, with a note. Raises Denied, Refused."""
    path = hand_over.appointment.post.organisation.path
    found, grant = _locked(hand_over), None
    if side not in (GIVEN, RECEIVED) or (side == RECEIVED and found.receiver is None):
        raise Refused("还没有接收人,请先在清单中写明。")
    if not is_side(actor, found, side):
        grant = core_access.require(actor, access.APPOINT, path)
        if not note.strip():
            raise Refused("代为确认请写明原因。")
    if getattr(found, f"{side}_at") is not None:
        raise Refused("这一方已经确认过了。")
    setattr(found, f"{side}_at", timezone.now())
    setattr(found, f"{side}_by", actor)
    found.note = ";".join(filter(None, [found.note, note.strip()]))[:300] if grant else found.note
    found.save()
    audit.record(actor, access.HAND_OVER, found, path=path, changes={side: [None, True]}, reason=note, grant=grant)
    if not found.is_open:
        outbox.announce("organisations.handed_over", found.pk)
    return found


def is_party(actor: Any, hand_over: HandOver) -> bool:
    """Whether the user is the one who hands over or the one who receives."""
    return is_side(actor, hand_over, GIVEN) or is_side(actor, hand_over, RECEIVED)


def is_side(actor: Any, hand_over: HandOver, side: str) -> bool:
    """Whether the user is this side of the list."""
    own = getattr(actor, "person", None)
    return own is not None and own.pk == (hand_over.appointment.person_id if side == GIVEN else hand_over.receiver_id)


def _locked(hand_over: HandOver) -> HandOver:
    rows = HandOver.everything.select_for_update(of=("self",)).select_related("appointment__post__organisation", "receiver")
    return rows.get(pk=hand_over.pk)


def _told(found: HandOver) -> dict[str, Any]:
    return {"items": [i["text"] for i in found.items], "receiver": found.receiver_id}


def _items(texts: Iterable[str]) -> list[dict[str, Any]]:
    kept = [text.strip()[:LONGEST] for text in texts if text.strip()]
    if len(kept) > MOST:
        raise Refused(f"清单最多{MOST}项,请合并。")
    return [{"text": text} for text in dict.fromkeys(kept)]
