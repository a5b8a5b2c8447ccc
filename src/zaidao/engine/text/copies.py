"""Copied minutes: which later record repeats the text of an earlier one, names, dates and numbers aside."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zaidao.engine.text import residues as reading
from zaidao.engine.text.align import aligned
from zaidao.engine.text.candidates import candidates
from zaidao.engine.text.prescribed import Formal, strip
from zaidao.engine.text.silence import met_together

PAIRS = pa.schema([
    ("later_id", pa.string()), ("earlier_id", pa.string()), ("later_org", pa.string()), ("earlier_org", pa.string()),
    ("share", pa.float64()), ("within", pa.bool_()), ("both", pa.bool_()), ("length", pa.int32()),
])
JUDGED = pa.schema([("activity_id", pa.string()), ("length", pa.int32())])
UNKNOWN = np.iinfo(np.int64).max


@dataclass(frozen=True)
class TextParams:
    """Values and reasons: catalogue, card copied_minutes."""

    least_letters: int       # shorter residues are not judged
    most_letters: int        # letters of a text that are compared
    prescribed_run: int      # letters of a run that may belong to a form of one organisation
    quoted_run: int          # letters of a run that may belong to a circular
    prescribed_orgs: int     # … where more organisations than this
    prescribed_share: float  # … and than this share of all have it
    own_records: int         # a form is in at least so many records of one organisation
    own_share: float         # … and more than this share of them
    alike: float             # texts alike by this much are copies, not fillings of one form
    many_texts: int          # beyond so many texts the parameters long_*, else short_*
    short_gram: int          # letters of a gram
    long_gram: int
    short_every: int         # one of so many grams is looked at
    long_every: int
    short_pairs: int         # candidate pairs a text, on average
    long_pairs: int
    short_likeliest: int     # candidates a text that are confirmed
    long_likeliest: int
    common: int              # most documents of a gram that still is rare
    short_runs: int          # one of so many runs is looked at for prescribed text
    long_runs: int
    run: int                 # letters of an aligned run
    share: float             # least aligned share of the shorter residue …
    margin: float            # … after so many letters, which chance aligns in any two texts
    together_hours: float    # records held so close to each other may be one meeting
    same_time_days: float    # filed within so many days: both count


@dataclass(frozen=True)
class Copies:
    """`pairs` (PAIRS): per later record its likeliest original, `both` where the two were filed within a day and both count.

    `judged` (JUDGED): the records whose residue is long enough to be judged, with its letters: the n of the finding.
    """

    pairs: pa.Table
    judged: pa.Table


def find_copies(minutes: Iterable[pa.RecordBatch], acts: pa.Table, names: Iterable[str], params: TextParams) -> Copies:
    """Finds records whose text is a copy with edits of an earlier filed one, in any organisation.

    `minutes`: batches (activity_id, minutes). `acts`: activity_id, org_id, place, held_at, recorded_at, carrier_id, participants;
    texts without an activity are left out. `names`: people, organisations, units; places come from `acts`. A record without filing
    time stands at the time it was held; one without either is compared with nobody. Independent of row order and threads.
    """
    places = (p for p in pc.unique(acts["place"]).to_pylist() if p)
    texts = reading.read(minutes, [*names, *places], params.most_letters)
    row = _rows_of(texts.ids, acts)
    filed = _filed(acts)
    order = np.flatnonzero(row >= 0)
    order = order[filed[row[order]] != UNKNOWN]
    order = _in_time(texts, order, filed[row[order]], _micros(acts, "held_at")[row[order]])
    orgs = pc.dictionary_encode(acts["org_id"].combine_chunks()).indices.to_numpy(zero_copy_only=False).astype(np.int64)
    _without_forms(texts, order, orgs[row[order]], params)
    order = order[texts.lengths[order] >= params.least_letters]
    pairs, share, length = _confirmed(texts, order, params)
    pairs = row[order][pairs]
    found = _likeliest(acts, filed, pairs, share=share, length=length, params=params)
    judged = pa.table([acts["activity_id"].take(pa.array(row[order])), pa.array(texts.lengths[order], pa.int32())], schema=JUDGED)
    return Copies(found, judged)


def _rows_of(ids: pa.Array, acts: pa.Table) -> np.ndarray:
    """Row of `acts` per text, -1 where there is none or an earlier text already has it."""
    found = pc.index_in(ids, value_set=acts["activity_id"].combine_chunks())
    row = pc.fill_null(found, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    _, first = np.unique(row, return_index=True)
    once = np.full(row.size, -1, dtype=np.int64)
    once[first] = row[first]
    return once


def _micros(acts: pa.Table, column: str) -> np.ndarray:
    known = acts[column].cast(pa.timestamp("us")).cast(pa.int64())
    return pc.fill_null(known, UNKNOWN).to_numpy().astype(np.int64)


def _filed(acts: pa.Table) -> np.ndarray:
    """Microseconds of filing, else of holding, else UNKNOWN."""
    recorded, held = _micros(acts, "recorded_at"), _micros(acts, "held_at")
    return np.where(recorded == UNKNOWN, held, recorded)


def _in_time(texts: reading.Residues, order: np.ndarray, filed: np.ndarray, held: np.ndarray) -> np.ndarray:
    """`order` by filing, holding and content; codes of records decide only between equal texts of one moment."""
    content = reading.fingerprints(texts)
    code = np.empty(content.size, dtype=np.int64)
    code[pc.sort_indices(texts.ids).to_numpy()] = np.arange(content.size)
    return order[np.lexsort((code[order], content[order], held, filed))]


def _without_forms(texts: reading.Residues, order: np.ndarray, orgs: np.ndarray, params: TextParams) -> None:
    """Takes out the forms that an organisation fills in and the circulars that many quote."""
    many = max(params.prescribed_orgs, int(params.prescribed_share * np.unique(orgs).size))
    every = params.long_runs if order.size > params.many_texts else params.short_runs
    nobody = order.size + 1  # a bound that nothing passes
    strip(texts, order, orgs, Formal(params.prescribed_run, every, nobody, params.own_records, params.own_share, params.alike))
    strip(texts, order, orgs, Formal(params.quoted_run, every, many, nobody, params.own_share, params.alike))


def _confirmed(texts: reading.Residues, order: np.ndarray, params: TextParams) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pairs (later, earlier) of positions in `order`, their aligned shares and the letters of the shorter residue."""
    size = "long" if order.size > params.many_texts else "short"
    gram, every, per_text, most = (getattr(params, f"{size}_{name}") for name in ("gram", "every", "pairs", "likeliest"))
    starts, ends = texts.starts[order], texts.ends[order]
    pairs = candidates(texts.codes, starts, ends, gram=gram, every=every, common=params.common, per_text=per_text, most=most)
    letters = aligned(texts.codes, starts, ends, pairs[:, 0].copy(), pairs[:, 1].copy(), params.run, params.share, params.margin)
    pairs, letters = pairs[letters > 0], letters[letters > 0]
    lengths = ends - starts
    shorter = np.minimum(lengths[pairs[:, 0]], lengths[pairs[:, 1]])
    return pairs, letters / shorter, shorter


def _likeliest(
    acts: pa.Table, filed: np.ndarray, pairs: np.ndarray, *, share: np.ndarray, length: np.ndarray, params: TextParams,
) -> pa.Table:
    """Of the pairs (rows of acts) that no joint meeting explains, the one with the largest share per later record."""
    speaking = ~met_together(acts, pairs, _micros(acts, "held_at"), params.together_hours)
    pairs, share, length = pairs[speaking], share[speaking], length[speaking]
    later, earlier = pairs[:, 0], pairs[:, 1]
    order = np.lexsort((filed[earlier], -share, later))
    order = order[np.concatenate([np.ones(min(1, order.size), bool), np.diff(later[order]) != 0])]
    later, earlier = later[order], earlier[order]
    column = lambda name, rows: acts[name].take(pa.array(rows))  # noqa: E731
    near = filed[later] - filed[earlier] <= params.same_time_days * 86_400_000_000
    within = pc.equal(column("org_id", later), column("org_id", earlier))
    arrays = [
        column("activity_id", later), column("activity_id", earlier), column("org_id", later), column("org_id", earlier),
        pa.array(share[order]), within, pa.array(near), pa.array(length[order], pa.int32()),
    ]
    return pa.table(arrays, schema=PAIRS).sort_by("later_id")
