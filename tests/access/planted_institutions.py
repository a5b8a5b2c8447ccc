"""One rule, duty and whatever else institutions has in 车间支部, each with its canary; see `planted.py`."""

from tests.world import World


def plant(made: World, keys: dict[str, int]) -> None:
    """Write them, and put the numbers that addresses want into `keys`."""
