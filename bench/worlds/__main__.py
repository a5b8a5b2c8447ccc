"""python -m bench.worlds OUT [NAME …]: writes the named worlds (all but the largest by default) into OUT/<name>/."""

import sys
import time
from pathlib import Path

from bench.worlds import WORLDS, make_world


def main(arguments: list[str]) -> int:
    out, names = Path(arguments[0]), arguments[1:] or [n for n in WORLDS if n != "large-20000"]
    for name in names:
        began = time.perf_counter()
        key = make_world(WORLDS[name], out / name)
        print(f"{name}: {key['rows']} in {time.perf_counter() - began:.1f} s", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
