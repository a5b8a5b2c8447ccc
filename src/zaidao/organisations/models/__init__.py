"""Facts about organisations, posts and people. Everything dated is half-open: `since` counts, `until` does not; None is unknown or open."""

from zaidao.organisations.models.people import Absence, Membership, Objection, Person, Reading, Step, Transfer
from zaidao.organisations.models.posts import Appointment, HandOver, Post, Resize
from zaidao.organisations.models.tree import Change, Link, Naming, Organisation, Place, Term

__all__ = [
    "Absence", "Appointment", "Change", "HandOver", "Link", "Membership", "Naming", "Objection", "Organisation", "Person", "Place", "Post",
    "Reading", "Resize", "Step", "Term", "Transfer",
]
