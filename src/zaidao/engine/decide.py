"""One rate: estimate what people see, then decide with two groups of organisations, sound and thin (SIGNALS 2).

The estimate shrinks a raw rate toward the median of the peers. The decision fits sound and thin Beta-binomial groups by
penalised maximum likelihood and flags where the chance of belonging to the sound group is small.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import betaincinv, betaln, digamma, expit, logit

from zaidao.engine.catalogue import Catalogue
from zaidao.engine.peers import Grouping

Array = np.ndarray

# Steepness of the two bars: far above any likelihood of a fit, so that they bind; they decide nothing themselves.
MERGE, TAIL = 1e3, 1e2


@dataclass(frozen=True)
class Estimate:
    """Score and its 5 to 95 % interval per organisation, with the peers' median rate and strength behind it."""

    score: Array
    low: Array
    high: Array
    median: Array
    strength: Array


@dataclass(frozen=True)
class Groups:
    """Sound Beta-binomial(m0, c0), thin Beta-binomial(m1, c1), share of thin pi."""

    m0: float
    c0: float
    m1: float
    c1: float
    pi: float

    def p_sound(self, k: Array, n: Array) -> Array:
        """The chance that an organisation with k bad of n belongs to the sound group."""
        sound = np.log1p(-self.pi) + _log_bb(k, n, self.m0, self.c0)
        thin = np.log(self.pi) + _log_bb(k, n, self.m1, self.c1)
        return expit(sound - thin)

    def tail(self, k: Array, n: Array) -> Array:
        """The chance of a rate at least k/n in the sound group: normalised upper tail of its predictive distribution."""
        return np.array([_upper_tail(a, b, self.m0, self.c0) for a, b in zip(k, n, strict=True)])


def design_effect(k_odd: Array, n_odd: Array, k_even: Array, n_even: Array, most: float) -> float:
    """How far the halves of a year differ beyond binomial chance, pooled over organisations; in [1, most].

    Records of one month or recorder hang together, so k and n are divided by this before anything is judged.
    """
    both = (n_odd >= 2) & (n_even >= 2)
    if not both.any():
        return 1.0
    ko, no, ke, ne = (a[both] for a in (k_odd, n_odd, k_even, n_even))
    p = (ko + ke) / (no + ne)
    chance = p * (1 - p) * (1 / no + 1 / ne)
    return float(np.clip((ko / no - ke / ne) ** 2 @ np.ones(len(p)) / chance.sum(), 1.0, most)) if chance.sum() > 0 else 1.0


def estimate(k: Array, n: Array, peers: Grouping, catalogue: Catalogue, packaged: float) -> Estimate:
    """Shrink k/n toward the peers' median rate; `packaged` stands where there are too few peers."""
    median, strength = np.full(len(k), packaged), np.full(len(k), catalogue.param("statistics.strength_low"))
    for i, members in enumerate(peers.members):
        rates = k[members] / n[members]
        mine = peers.index == i
        median[mine] = np.median(rates)
        strength[mine] = _strength(rates, n[members], catalogue)
    m = np.clip(median, catalogue.param("statistics.peer_rate_low"), catalogue.param("statistics.peer_rate_high"))
    a, b = k + strength * m, n - k + strength * (1 - m)
    tail = catalogue.param("statistics.interval_tail")
    return Estimate(a / (a + b), betaincinv(a, b, tail), betaincinv(a, b, 1 - tail), median, strength)


def _strength(rates: Array, n: Array, catalogue: Catalogue) -> float:
    """Moments: how alike the peers are, beyond what chance makes them differ."""
    low, high = catalogue.param("statistics.strength_low"), catalogue.param("statistics.strength_high")
    mean = float(np.clip(rates.mean(), 0.01, 0.99))
    excess = float(rates.var()) - float((mean * (1 - mean) / n).mean())
    return high if excess <= 0 else float(np.clip(mean * (1 - mean) / excess - 1, low, high))


def fit(k: Array, n: Array, catalogue: Catalogue, prior: dict[str, float]) -> Groups:
    """The two groups that explain the counts best under weak priors; `prior` gives m0 and m1 of the finding.

    Equal counts are weighed once, so the cost grows with distinct (k, n), not with organisations.
    """
    pairs, weight = np.unique(np.round(np.column_stack([k, n]), 6), axis=0, return_counts=True)
    args = (pairs[:, 0], pairs[:, 1], weight, catalogue, prior)
    c0, c1 = catalogue.param("statistics.c0_mean"), catalogue.param("statistics.c1_mean")
    sound = [(logit(1e-4), logit(0.6)), (np.log(2), np.log(catalogue.param("statistics.c0_max")))]
    bounds = [*sound, (logit(0.05), logit(0.98)), (np.log(1.5), np.log(40)), (-7, 3)]
    starts = [[logit(prior["m0"]), np.log(c0), logit(prior["m1"]), np.log(c1), logit(pi)] for pi in catalogue.param("statistics.pi_starts")]
    best = min((minimize(_loss, s, args, jac=True, method="L-BFGS-B", bounds=bounds) for s in starts), key=lambda r: r.fun)
    x = best.x
    return Groups(float(expit(x[0])), float(np.exp(x[1])), float(expit(x[2])), float(np.exp(x[3])), float(expit(x[4])))


def _loss(x: Array, k: Array, n: Array, weight: Array, catalogue: Catalogue, prior: dict[str, float]) -> tuple[float, Array]:
    """Penalised negative log likelihood of (logit m0, log c0, logit m1, log c1, logit pi), and its gradient."""
    m0, c0, m1, c1, pi = expit(x[0]), np.exp(x[1]), expit(x[2]), np.exp(x[3]), expit(x[4])
    sound, thin = np.log1p(-pi) + _log_bb(k, n, m0, c0), np.log(pi) + _log_bb(k, n, m1, c1)
    both = np.logaddexp(sound, thin)
    share = weight * np.exp(thin - both)  # organisations in the thin group, by chance of belonging
    rest = weight - share
    slope = np.array([*_slope(k, n, m0, c0, rest), *_slope(k, n, m1, c1, share), share.sum() * (1 - pi) - rest.sum() * pi])
    penalty, steepness = _penalty(x, (m0, c0, m1, pi), catalogue, prior)
    return float(penalty - both @ weight), steepness - slope


def _slope(k: Array, n: Array, m: float, c: float, weight: Array) -> tuple[float, float]:
    """Derivatives of the weighted log chance by logit m and by log c."""
    a, b = m * c, (1 - m) * c
    whole = digamma(a + b) - digamma(n + a + b)
    by_a, by_b = (digamma(k + a) - digamma(a) + whole) @ weight, (digamma(n - k + b) - digamma(b) + whole) @ weight
    return a * (1 - m) * (by_a - by_b), a * by_a + b * by_b


def _penalty(x: Array, shape: tuple[float, float, float, float], catalogue: Catalogue, prior: dict[str, float]) -> tuple[float, Array]:
    """Weak priors; a bar against groups that merge; and no long tail for the sound group.

    Without the last a group of zeros would swallow the moderately thin.
    """
    (m0, c0, m1, pi), param = shape, catalogue.param
    centre = np.array([logit(prior["m0"]), np.log(param("statistics.c0_mean")), logit(prior["m1"]), np.log(param("statistics.c1_mean"))])
    spread = np.array([param(f"statistics.{s}") for s in ("prior_spread", "prior_spread", "m1_spread", "c1_spread")])
    strength, mean = param("statistics.pi_strength"), param("statistics.pi_mean")
    merge, tail = max(0.0, m0 + param("statistics.separation_min") - m1), max(0.0, np.log(param("statistics.sound_shape") / (m0 * c0)))
    pull = (x[:4] - centre) / spread
    value = pull @ pull / 2 - strength * (mean * np.log(pi) + (1 - mean) * np.log1p(-pi)) + MERGE * merge**2 + TAIL * tail**2
    slope = np.append(pull / spread, strength * (pi - mean))
    slope += 2 * MERGE * merge * np.array([m0 * (1 - m0), 0, -m1 * (1 - m1), 0, 0]) - 2 * TAIL * tail * np.array([1 - m0, 1, 0, 0, 0])
    return float(value), slope


def _log_bb(k: Array, n: Array, m: float, c: float) -> Array:
    """Log chance of k of n under Beta-binomial(m, c), without the binomial coefficient (equal in both groups)."""
    a, b = m * c, (1 - m) * c
    return betaln(k + a, n - k + b) - betaln(a, b)


def _upper_tail(k: float, n: float, m: float, c: float) -> float:
    """P(K >= k) for Beta-binomial(m, c), n rounded to whole trials; 1 for k = 0."""
    whole, first = round(n), int(np.ceil(k - 1e-9))
    if first <= 0 or whole == 0:
        return 1.0
    j = np.arange(first, whole + 1)
    coefficient = -np.log(whole + 1) - betaln(whole - j + 1, j + 1)
    return float(min(1.0, np.exp(coefficient + _log_bb(j, np.array(whole, float), m, c)).sum()))


def cauchy(chances: Array) -> float:
    """The combined chance of independent tail chances (Cauchy combination).

    A chance near 1 says no more than "nothing here": counted as 0.99, lest one quiet family drown the others.
    """
    p = np.clip(np.asarray(chances, dtype=float), 1e-15, 0.99)
    return float(np.clip(0.5 - np.arctan(np.tan((0.5 - p) * np.pi).mean()) / np.pi, 0.0, 1.0))


def severity(
    raw: Array, enough: Array, p_sound: Array, low: Array, halves: tuple[Array, Array], floor: float, catalogue: Catalogue,
) -> Array:
    """0 nothing, 1 over the floor but not decided, 2 decided, 3 decided, marked, and in odd and even months apart."""
    over = raw >= floor
    decided = over & enough & (p_sound <= catalogue.param("statistics.p_sound"))
    marked = (low >= catalogue.param("statistics.low_for_three")) | (low >= floor * catalogue.param("statistics.low_floor_factor"))
    both = (halves[0] >= floor) & (halves[1] >= floor)
    return np.where(decided & marked & both, 3, np.where(decided, 2, np.where(over, 1, 0)))
