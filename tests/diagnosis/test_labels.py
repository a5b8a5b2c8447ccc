"""Fields of a computation are told in the form in which the sentence tells them."""

import re
from importlib.resources import files

from zaidao.diagnosis.labels import DETAILS
from zaidao.engine.sentences import percent

TOLD = re.compile(r"\{([a-z_]+):([a-z_]+)\}")


def test_what_the_sentence_counts_is_no_share_in_the_table() -> None:
    folder = files("zaidao.engine.catalogue") / "data/findings"
    texts = [f.read_text(encoding="utf-8") for f in folder.iterdir() if f.name.endswith(".toml")]
    told = [(name, form) for text in texts for name, form in TOLD.findall(text) if name in DETAILS]
    assert len(told) > 30
    assert [name for name, form in told if (form == "percent") != (DETAILS[name][1] is percent)] == []
