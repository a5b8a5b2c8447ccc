"""The estimate and the two-group decision, against hand-computed values, plain-Python sums and simulated worlds."""

from math import comb, exp, lgamma

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta as beta_distribution

from zaidao.engine import decide
from zaidao.engine.catalogue import load
from zaidao.engine.peers import Grouping

CATALOGUE = load()
PRIOR = {"m0": 0.03, "m1": 0.5}
ALONE = Grouping(np.array([-1]), (), ())


def together(count: int) -> Grouping:
    return Grouping(np.zeros(count, dtype=int), (np.arange(count),), ("snapshot",))


def world(organisations: int, thin_share: float, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    n = rng.integers(6, 60, organisations).astype(float)
    thin = rng.random(organisations) < thin_share
    rate = np.where(thin, rng.beta(2.4, 1.6, organisations), rng.beta(0.9, 29.1, organisations))
    return rng.binomial(n.astype(int), rate).astype(float), n, thin


def plain_tail(k: int, n: int, m: float, c: float) -> float:
    """P(K >= k), summed term by term from the definition of the Beta-binomial."""
    def log_beta(a: float, b: float) -> float:
        return lgamma(a) + lgamma(b) - lgamma(a + b)

    a, b = m * c, (1 - m) * c
    return sum(comb(n, j) * exp(log_beta(j + a, n - j + b) - log_beta(a, b)) for j in range(k, n + 1))


def test_without_peers_the_packaged_rate_and_least_strength_stand() -> None:
    # k = 3 of n = 8, m = 0.1, c = 2: (3 + 0.2) / (8 + 2) = 0.32
    rate = decide.estimate(np.array([3.0]), np.array([8.0]), ALONE, CATALOGUE, 0.1)
    assert rate.score[0] == pytest.approx(0.32)
    assert rate.low[0] == pytest.approx(beta_distribution.ppf(0.05, 3.2, 6.8))
    assert rate.high[0] == pytest.approx(beta_distribution.ppf(0.95, 3.2, 6.8))


def test_equal_peers_pull_with_full_strength() -> None:
    # all peers 1 of 10: median 0.1, no excess variance, c = 10; the last one with 5 of 10: (5 + 1) / 20 = 0.3
    k, n = np.array([1.0] * 40 + [5.0]), np.full(41, 10.0)
    rate = decide.estimate(k, n, together(41), CATALOGUE, 0.5)
    assert rate.median[0] == pytest.approx(0.1)
    assert rate.score[-1] == pytest.approx(0.3)


def test_peers_median_of_nothing_bad_is_kept_off_zero() -> None:
    rate = decide.estimate(np.zeros(40), np.full(40, 12.0), together(40), CATALOGUE, 0.5)
    assert (rate.score > 0).all()
    assert (rate.score < 0.02).all()


@pytest.mark.parametrize(("k", "n", "m", "c"), [(1, 12, 0.03, 30), (4, 12, 0.03, 30), (12, 12, 0.5, 4), (3, 40, 0.1, 10), (0, 9, 0.2, 5)])
def test_tail_is_the_sum_of_its_terms(k: int, n: int, m: float, c: float) -> None:
    groups = decide.Groups(m, c, 0.5, 4, 0.1)
    assert groups.tail(np.array([float(k)]), np.array([float(n)]))[0] == pytest.approx(min(1.0, plain_tail(k, n, m, c)))


def test_cauchy_of_equal_chances_is_that_chance() -> None:
    assert decide.cauchy(np.array([0.02, 0.02, 0.02])) == pytest.approx(0.02)
    assert decide.cauchy(np.array([1e-9, 0.5, 0.5])) == pytest.approx(3e-9, rel=1e-3)


def test_design_effect_is_one_where_halves_agree_and_bounded_where_they_do_not() -> None:
    ones = np.full(30, 10.0)
    assert decide.design_effect(ones / 5, ones, ones / 5, ones, 3.0) == 1.0
    assert decide.design_effect(ones, ones, 0 * ones, ones, 3.0) == 3.0


@pytest.mark.parametrize("thin", [0.0, 0.05, 0.6])
def test_worlds_from_sound_to_mostly_thin(thin: float) -> None:
    k, n, truth = world(600, thin, seed=11)
    groups = decide.fit(k, n, CATALOGUE, PRIOR)
    flagged = (groups.p_sound(k, n) <= 0.2) & (k / n >= 0.15)
    assert (flagged & ~truth).sum() <= 0.02 * (flagged & truth).sum() + 0.005 * (~truth).sum()
    assert (flagged & truth).sum() >= 0.75 * truth.sum()


def test_few_organisations_rest_on_the_prior() -> None:
    k, n = np.array([0.0, 1.0, 0.0, 20.0]), np.array([20.0, 24.0, 30.0, 24.0])
    groups = decide.fit(k, n, CATALOGUE, PRIOR)
    assert list(groups.p_sound(k, n) <= 0.2) == [False, False, False, True]


def test_order_of_organisations_changes_nothing() -> None:
    k, n, _ = world(300, 0.1, seed=5)
    turned = np.random.default_rng(0).permutation(300)
    assert decide.fit(k, n, CATALOGUE, PRIOR) == decide.fit(k[turned], n[turned], CATALOGUE, PRIOR)


def test_intervals_cover_nine_in_ten() -> None:
    """Rates drawn around a common mean as the estimate assumes; 90 % intervals hold the truth 86 to 94 % of the time."""
    rng = np.random.default_rng(3)
    held = []
    for _ in range(40):
        truth = rng.beta(2.0, 6.0, 100)
        n = rng.integers(6, 60, 100).astype(float)
        k = rng.binomial(n.astype(int), truth).astype(float)
        rate = decide.estimate(k, n, together(100), CATALOGUE, 0.25)
        held.append(((rate.low <= truth) & (truth <= rate.high)).mean())
    assert 0.86 <= float(np.mean(held)) <= 0.94


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 29), st.integers(30, 60))
def test_more_of_the_same_never_lowers_score_or_suspicion(k: int, n: int) -> None:
    base_k, base_n, _ = world(300, 0.1, seed=5)
    groups = decide.fit(base_k, base_n, CATALOGUE, PRIOR)
    fewer, more, of = np.array([float(k)]), np.array([float(k + 1)]), np.array([float(n)])
    assert groups.p_sound(more, of) <= groups.p_sound(fewer, of) + 1e-12
    score = [decide.estimate(x, of, ALONE, CATALOGUE, 0.05).score[0] for x in (fewer, more)]
    assert score[1] > score[0]


@pytest.mark.parametrize("x", [[-3.0, 3.0, 0.0, 1.4, -2.0], [-6.0, 1.0, -2.0, 2.0, 0.5], [-1.0, 4.0, -1.2, 0.5, -5.0]])
def test_the_gradient_is_that_of_the_loss(x: list[float]) -> None:
    k, n, _ = world(200, 0.1, seed=5)
    args = (k, n, np.ones(200), CATALOGUE, PRIOR)
    _, slope = decide._loss(np.array(x), *args)
    step = 1e-6
    for i in range(5):
        ends = [decide._loss(np.array(x) + step * sign * np.eye(5)[i], *args)[0] for sign in (1, -1)]
        assert slope[i] == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-3, abs=1e-3)


def test_severity_steps() -> None:
    raw = np.array([0.10, 0.20, 0.20, 0.60, 0.60])
    enough = np.array([True, False, True, True, True])
    p = np.array([0.01, 0.01, 0.01, 0.01, 0.01])
    low = np.array([0.05, 0.10, 0.10, 0.50, 0.50])
    halves = (np.array([0.1, 0.2, 0.2, 0.6, 1.0]), np.array([0.1, 0.2, 0.2, 0.6, 0.0]))
    assert list(decide.severity(raw, enough, p, low, halves, 0.15, CATALOGUE)) == [0, 1, 2, 3, 2]
