"""`python -m tests.postgres python -m bench.living [load] [pages] [move] [import] [diagnosis] [--organisations N --people N]`.

Without names everything, in this order. The database is the one of ZAIDAO_DATABASE_URL (SQLite without it), empty at `load`.
"""

import argparse
import os
import tempfile

PARTS = ("load", "pages", "move", "import", "diagnosis")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.living")
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], help="what to do; all where nothing is named")
    parser.add_argument("--organisations", type=int, default=10_000)
    parser.add_argument("--people", type=int, default=150_000)
    parser.add_argument("--months", type=int, default=12, help="how far back meetings were held")
    parser.add_argument("--only", default="", help="pages whose name holds this text")
    parser.add_argument("--who", default="", help="persons whose name holds this text")
    parser.add_argument("--ledger", default="", help="folder of five years of ledgers to lay beside; made where it is empty")
    args = parser.parse_args()
    os.environ.setdefault("ZAIDAO_LOG", "WARNING")
    if "ZAIDAO_VAR" not in os.environ:
        with tempfile.TemporaryDirectory(prefix="zaidao-bench-") as place:
            os.environ |= {"ZAIDAO_VAR": place}
            return _run(args)
    return _run(args)


def _run(args: argparse.Namespace) -> int:
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.living.settings"
    import django

    django.setup()
    from bench.living import steps
    from zaidao.core.processes import settle

    settle()  # as the server does
    print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores", flush=True)
    for part in args.parts or PARTS:
        steps.STEPS[part](args)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
