"""From a database of the first version, which knew no sign-in, to this one: backed up as it was, brought up, nothing lost."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

FIRST = """
import django
django.setup()
from django.core.management import call_command
from django.db import connection
for app in ("core", "diagnosis"):
    call_command("migrate", app, "0001", verbosity=0)
with connection.cursor() as cursor:
    columns = "(title, demo, created_at, problems, counts, refused)"
    cursor.execute(f"INSERT INTO diagnosis_upload {columns} VALUES ('旧台账', 0, '2026-11-01', '{{}}', '[]', '')")
"""
THEN = """
import django
django.setup()
from zaidao.diagnosis.models import Upload
from zaidao.shell.keeping import upgrade
print(Upload.objects.get().title, upgrade.waiting())
"""


def _run(place: Path, *command: str) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("ZAIDAO_")}
    environment = kept | {"ZAIDAO_VAR": str(place), "DJANGO_SETTINGS_MODULE": "zaidao.config.settings"}
    return subprocess.run([sys.executable, *command], env=environment, capture_output=True, text=True, check=False)


def test_the_first_versions_database_is_backed_up_and_brought_up(tmp_path: Path) -> None:
    assert _run(tmp_path, "-c", FIRST).returncode == 0
    done = _run(tmp_path, "-m", "zaidao", "upgrade")
    assert done.returncode == 0, done.stderr
    backups = list((tmp_path / "backups").glob("*.zip"))
    with zipfile.ZipFile(backups[0]) as kept:
        told = json.loads(kept.read("manifest.json"))
        assert "旧台账" in kept.read("rows/diagnosis.upload.jsonl").decode()
    assert sorted(told["rows"]) == ["core.job", "diagnosis.answer", "diagnosis.run", "diagnosis.upload"]
    assert _run(tmp_path, "-c", THEN).stdout.split("\n")[0] == "旧台账 []"
    restored = tmp_path / "again"
    again = _run(restored, "-m", "zaidao", "restore", str(backups[0]))
    assert again.returncode == 0, again.stderr
    assert _run(restored, "-c", THEN).stdout.split("\n")[0] == "旧台账 []"
