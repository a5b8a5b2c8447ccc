"""Five years of activities as a Parquet ledger beside the living system: a world of the bench, laid onto the invented group.

The generator's organisations are matched with those of the database by kind and order, its people with theirs in the same way.
"""

from datetime import timedelta
from pathlib import Path

import duckdb
from django.utils import timezone

from bench.worlds import Settings, make_world
from zaidao.diagnosis.models import Upload
from zaidao.organisations.models import Organisation, Person

MONTHS = 60
LEDGERS = ("institution", "clause", "carrier", "activity", "idea")
PERSONS = {"activity": ("recorder_id", "host_id"), "idea": ("proposer_id",)}


def made(world: Path, organisations: int) -> Path:
    """The world in a folder, made in some minutes where it is not there yet: about 155 activities an organisation."""
    if not (world / "idea.parquet").exists():
        ends = timezone.localdate().replace(day=1) - timedelta(days=1)
        make_world(Settings(seed=31, organisations=organisations, months=MONTHS, ends=ends, prefix="LV"), world)
    return world


def lay(world: Path) -> Upload:
    """Keep the world's ledgers as those of the office, told in the database's codes."""
    upload = Upload.objects.create(title="五年台账", kept_at=timezone.now())
    upload.facts.mkdir(parents=True)
    base = duckdb.connect()
    base.execute("set threads = 2")
    _match(base, world)
    for name in LEDGERS:
        file = world / f"{name}.parquet"
        if file.exists():
            base.execute(f"copy ({_select(base, name, file)}) to '{upload.facts / name}.parquet' (format parquet, compression zstd)")
    return upload


def _match(base: duckdb.DuckDBPyConnection, world: Path) -> None:
    """Tables `org(theirs, ours)` and `who(theirs, ours)`."""
    ours = Organisation.everything.filter(dissolved_on=None).order_by("path").values_list("code", "kind")
    codes, kinds = zip(*ours, strict=True)
    base.execute("create table organisation as select unnest($1) as code, unnest($2) as kind", [list(codes), list(kinds)])
    people = Person.everything.exclude(organisation=None).order_by("organisation__path", "code").values_list("code", flat=True)
    base.execute("create table person as select unnest($1) as code", [list(people)])
    base.execute(f"""
        create table org as
        with theirs as (select org_id, kind, row_number() over (partition by kind order by org_id) as n
                        from '{world / "organisation.parquet"}'),
             ours as (select code, kind, row_number() over (partition by kind) as n from organisation)
        select org_id as theirs, code as ours from theirs join ours using (kind, n);
        create table who as
        select p.person_id as theirs, o.code as ours
        from (select person_id, row_number() over (order by org_id, person_id) as n from '{world / "person.parquet"}') p
        join (select code, row_number() over () as n from person) o using (n);
    """)


def _select(base: duckdb.DuckDBPyConnection, name: str, file: Path) -> str:
    columns = [c[0] for c in base.execute(f"describe select * from '{file}'").fetchall()]
    if "org_id" not in columns:
        return f"select * from '{file}'"
    told = [f"org.ours as {c}" if c == "org_id" else f"w{c}.ours as {c}" if c in PERSONS.get(name, ()) else f"f.{c}" for c in columns]
    joins = " ".join(f"left join who w{c} on w{c}.theirs = f.{c}" for c in PERSONS.get(name, ()) if c in columns)
    return f"select {', '.join(told)} from '{file}' f join org on org.theirs = f.org_id {joins}"
