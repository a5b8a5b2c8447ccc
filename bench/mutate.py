"""Named faults put into a copy of the engine, one at a time: each must turn its named tests red (python -m bench.mutate [NAME …]).

A mutation replaces exact text that must occur exactly once; where it does not, the bench fails loudly rather than testing nothing.
Before any mutation the named tests must be green in the unchanged copy.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
COPY = Path(__file__).parent / "out" / "mutant"
ENGINE = "src/zaidao/engine"


@dataclass(frozen=True)
class Mutation:
    """One fault: what is written instead of what, where, and the tests that must notice."""

    name: str
    file: str
    was: str
    now: str
    tests: tuple[str, ...]


MUTATIONS = (
    Mutation(
        ">= becomes >",
        f"{ENGINE}/indicators/dead_ideas.py",
        'len(bad) >= ctx.param("dead_ideas.least")',
        'len(bad) > ctx.param("dead_ideas.least")',
        ("tests/engine/test_dead_ideas.py::test_at_least_two_of_at_least_three",),
    ),
    Mutation(
        "exempt ignored",
        f"{ENGINE}/duties/match.py",
        "state[duties.why != DUE] = EXEMPT",
        "state[duties.why != DUE] = MISSED",
        ("tests/engine/test_duties.py::test_founded_and_dissolved_months_are_exempt_and_nothing_is_due_before",),
    ),
    Mutation(
        "wrong parent",
        f"{ENGINE}/peers.py",
        "reversed(self.tree.path[org][:-1])",
        "self.tree.path[org][:-1]",
        ("tests/engine/test_tree_window_peers.py::test_peers_come_from_the_nearest_ancestor_with_enough",),
    ),
    Mutation(
        "lag sign",
        f"{ENGINE}/filings.py",
        "return (self.filed - self.held) / DAY",
        "return (self.held - self.filed) / DAY",
        ("tests/engine/test_backfill.py::test_four_months_in_one_sitting_while_others_filed_all_along",),
    ),
    Mutation(
        "half-open becomes closed",
        f"{ENGINE}/duties/match.py",
        "records.day < duties.end[past] + duties.grace[past]",
        "records.day <= duties.end[past] + duties.grace[past]",
        ("tests/engine/test_duties.py::test_the_last_day_of_grace_is_late_and_the_next_is_too_late",),
    ),
    Mutation(
        "window off by one",
        f"{ENGINE}/window.py",
        "return cls(add_months(end, -months), end, as_of)",
        "return cls(add_months(end, 1 - months), end, as_of)",
        ("tests/engine/test_tree_window_peers.py::test_the_window_is_the_last_twelve_whole_months",),
    ),
    Mutation(
        "missing peers",
        f"{ENGINE}/peers.py",
        "if len(pools[k]) >= self.least",
        "if pools[k]",
        ("tests/engine/test_tree_window_peers.py::test_peers_come_from_the_nearest_ancestor_with_enough",),
    ),
    Mutation(
        "evidence of another organisation",
        f"{ENGINE}/findings.py",
        'key for _, key in sorted(evidence[row["org_id"]])',
        "key for _, key in sorted(evidence[min(wanted)])",
        ("tests/bench/test_diagnosed_world.py::test_evidence_belongs_to_the_organisation_it_speaks_about",),
    ),
    Mutation(
        "severity floor ignored",
        f"{ENGINE}/decide.py",
        "decided = over & enough &",
        "decided = enough &",
        ("tests/engine/test_decide.py::test_severity_steps",),
    ),
    Mutation(
        "null as zero",
        f"{ENGINE}/duties/conditions.py",
        "return np.full((len(starts), size), -1, np.int8)",
        "return np.zeros((len(starts), size), np.int8)",
        ("tests/engine/test_duties.py::test_without_appointments_nobody_knows_whether_there_is_a_committee",),
    ),
    Mutation(
        "explained evidence stays",
        f"{ENGINE}/explained.py",
        "kept = counted.evidence.filter(pa.array(~gone))",
        "kept = counted.evidence",
        (
            "tests/engine/test_shell_explained.py::test_explained_records_leave_k_and_n_of_their_own_organisation_and_code",
            "tests/engine/test_shell_explained.py::test_a_rule_settles_when_all_its_evidence_is_explained",
        ),
    ),
    Mutation(
        "shared cell counts itself",
        f"{ENGINE}/duties/cells.py",
        "bound[cell] - 1, missing[cell] - off",
        "bound[cell], missing[cell]",
        (
            "tests/engine/test_duties.py::test_three_others_are_too_few_for_a_shared_cause",
            "tests/engine/test_duties.py::test_a_month_that_most_others_of_the_site_missed_is_shared",
        ),
    ),
)


def main(names: Sequence[str]) -> int:
    chosen = [m for m in MUTATIONS if not names or m.name in names]
    fresh_copy()
    tests = sorted({t for m in chosen for t in m.tests})
    if not green(tests):
        print("the named tests are not green without a mutation:", " ".join(tests))
        return 2
    alive = [m.name for m in chosen if not killed(m)]
    print(f"{len(chosen) - len(alive)} of {len(chosen)} mutations turned a test red" + (f"; alive: {', '.join(alive)}" if alive else ""))
    return 1 if alive else 0


def fresh_copy() -> None:
    """Sources, tests and settings of the project in a folder of their own."""
    shutil.rmtree(COPY, ignore_errors=True)
    for part, without in (("src", ()), ("tests", ()), ("bench", ("out", "data"))):
        shutil.copytree(ROOT / part, COPY / part, ignore=shutil.ignore_patterns("__pycache__", *without))
    shutil.copyfile(ROOT / "pyproject.toml", COPY / "pyproject.toml")


def killed(mutation: Mutation) -> bool:
    """Puts the fault in, runs the tests, takes it out again; True where a test failed."""
    file = COPY / mutation.file
    text = file.read_text(encoding="utf-8")
    if text.count(mutation.was) != 1:
        raise SystemExit(f"{mutation.name}: found {text.count(mutation.was)} times in {mutation.file}, expected once: {mutation.was}")
    file.write_text(text.replace(mutation.was, mutation.now), encoding="utf-8")
    try:
        red = not green(mutation.tests)
    finally:
        file.write_text(text, encoding="utf-8")
    print(f"{'red  ' if red else 'ALIVE'} {mutation.name} ({mutation.file})", flush=True)
    return red


def green(tests: Sequence[str]) -> bool:
    """Whether the tests pass in the copy. Anything but passed or failed tests stops the bench."""
    env = os.environ | {"PYTHONPATH": str(COPY / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests],
        cwd=COPY,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in (0, 1):
        raise SystemExit(f"tests could not run:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.returncode == 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
