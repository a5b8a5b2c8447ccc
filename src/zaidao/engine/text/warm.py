"""Compiles every kernel of texts and photos once: for setup, so that a machine's first diagnosis does not wait for it.

    python -m zaidao.engine.text.warm
"""

import time
from datetime import datetime, timedelta

import pyarrow as pa

from zaidao.engine.catalogue import load
from zaidao.engine.indicators.copied_minutes import text_params
from zaidao.engine.indicators.reused_photos import photo_params
from zaidao.engine.photos import find_reused
from zaidao.engine.text import find_copies

ACTS = pa.schema([
    ("activity_id", pa.string()), ("org_id", pa.string()), ("place", pa.string()), ("held_at", pa.timestamp("us")),
    ("recorded_at", pa.timestamp("us")), ("carrier_id", pa.string()), ("participants", pa.list_(pa.string())),
    ("photos", pa.list_(pa.uint64())),
])


def warm() -> float:
    """Runs both comparisons on a handful of records; returns the seconds it took."""
    begun = time.perf_counter()
    held = [datetime(2026, 1, 1) + timedelta(days=10 * i) for i in range(12)]
    picture = [0x0F1E2D3C4B5A6978]
    rows = [
        {"activity_id": f"A{i}", "org_id": f"O{i % 2}", "held_at": day, "recorded_at": day, "photos": picture} for i, day in enumerate(held)
    ]
    acts = pa.Table.from_pylist(rows, ACTS)
    formal = "".join(chr(0x4E00 + i) for i in range(60))  # a form in every record, and a text of its own below it
    texts = [formal + "".join(chr(0x5E00 + 300 * (i // 2) + j) for j in range(100)) for i in range(len(rows))]
    minutes = pa.record_batch([acts["activity_id"].combine_chunks(), pa.array(texts)], names=["activity_id", "minutes"])
    find_copies([minutes], acts, ["某人甲"], text_params(load().param))
    find_reused(acts, photo_params(load().param))
    return time.perf_counter() - begun


if __name__ == "__main__":
    print(f"kernels of texts and photos ready after {warm():.1f} s")  # noqa: T201  # a command says what it did
