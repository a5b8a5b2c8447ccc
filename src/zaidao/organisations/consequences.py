"""What upper modules have to say about a structural change before it is confirmed: open duties, plans, follow-ups, findings.

`told` registers a function of the order that gives sentences in Chinese, counted as things stand now; no names of people. They are shown
below what this module does itself and belong to what is confirmed: where a number differs by then, it is shown anew. What they promise
the module does in its `reactions` to the news of the change.
"""

from collections.abc import Callable, Iterable

from zaidao.organisations.decisions.structure_facts import Order

Say = Callable[[Order], Iterable[str]]
_told: list[Say] = []


def told(function: Say) -> Say:
    """Register what a module says about an order."""
    _told.append(function)
    return function


def of(order: Order) -> tuple[str, ...]:
    """Everything that is said about an order, in the order of the modules."""
    return tuple(sentence for say in _told for sentence in say(order))
