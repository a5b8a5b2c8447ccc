"""What pages load comes from this server, with its licence, as npm gave it."""

import json
from pathlib import Path

ROOT = Path(__file__).parents[2]
VENDOR = ROOT / "src/zaidao/shell/static/vendor"


def test_vendored_assets_carry_licences_and_no_source_maps() -> None:
    assets = list(VENDOR.glob("*.min.*"))
    assert len(assets) == 2
    for file in assets:
        assert "sourceMappingURL" not in file.read_text(encoding="utf-8")
        assert (VENDOR / f"{file.name.split('.')[0]}.LICENSE.txt").is_file(), file.name


def test_the_lock_of_assets_names_no_registry() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert len(packages) > 4
    assert [name for name, about in packages.items() if "resolved" in about] == []
    assert all("integrity" in about for name, about in packages.items() if name)
