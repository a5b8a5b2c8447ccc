"""Who may open which address: a row for every address of the resolver.

A row names what the address asks for (a thing of 车间支部, `sibling`) and who may have it. Everybody else is refused: 404 where they
may not know of it, 403 where they may. The sets are written by hand from the issue, not derived from the code under test.
"""

from dataclasses import dataclass, field
from typing import Any

EVERYBODY = frozenset({"head", "office", "superior", "sibling_secretary", "secretary", "member", "nobody", "keeper"})
ABOVE = frozenset({"head", "office", "superior"})  # superiors of 车间支部
HERE = ABOVE | {"sibling_secretary"}  # and its own secretary
ITSELF = frozenset({"sibling_secretary"})
LEADERS = HERE | {"secretary"}  # whoever leads something somewhere: lists show each their own part
TOP = frozenset({"head", "office"})
KEEPER = frozenset({"keeper"})
ANSWERING = frozenset({"office", "keeper"})  # who answers what is said about the system
NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Row:
    """`keys`: name of an argument -> what of the planted things, or a text. `post`: only POST is answered. `open`: without sign-in.

    `own`: one's own account, whose pages answer by its state (no factor set up, not confirmed lately, on no roster); content counts.
    """

    may: frozenset[str]
    keys: dict[str, str] = field(default_factory=dict, hash=False)
    post: bool = False
    open: bool = False
    own: bool = False
    posts: frozenset[str] | None = None  # who may POST, where that is not who may look


ROWS: dict[str, Row] = {}


def rows(*names: str, may: frozenset[str], key: str = "", **more: Any) -> None:
    """Rows of addresses that ask for nothing, or for one planted thing by its number."""
    keys = more.pop("keys", {}) | ({"pk": key} if key else {})
    ROWS.update({name: Row(may, keys, **more) for name in names})


# Signing in.
rows("account_login", "account_inactive", "mfa_authenticate", "mfa_login_webauthn", may=EVERYBODY, open=True)
rows("accounts:activate", "accounts:factor_code", "shell:ping", may=EVERYBODY, open=True)
rows("accounts:enter", may=NOBODY, post=True, open=True)
# Demonstration alone (404 elsewhere).
rows("shell:demo_progress", may=NOBODY, open=True)

# One's own account.
rows("account_logout", "account_change_password", "account_set_password", "account_reauthenticate", may=EVERYBODY, own=True)
rows("mfa_reauthenticate", "mfa_reauthenticate_webauthn", "mfa_index", "mfa_activate_totp", may=EVERYBODY, own=True)
rows("mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes", may=EVERYBODY, own=True)
rows("mfa_list_webauthn", "mfa_add_webauthn", "usersessions_list", may=EVERYBODY, own=True)
rows("mfa_edit_webauthn", "mfa_remove_webauthn", may=NOBODY, key="none", own=True)
rows("accounts:end_session", may=NOBODY, key="none", post=True, own=True)
rows("accounts:me", "accounts:phone", "accounts:delegations", may=EVERYBODY, own=True)
rows("organisations:own", "organisations:own_reveal", "organisations:own_acts", "organisations:objection_new", may=EVERYBODY, own=True)
rows("accounts:suggest", may=EVERYBODY, open=True)  # whoever cannot get in has most to say
rows("shell:home", "shell:about", "shell:search", may=EVERYBODY)
rows("shell:filter_save", may=EVERYBODY, post=True)
rows("shell:filter_drop", may=ITSELF, key="filter", post=True)
rows("accounts:end_delegation", may=ITSELF | {"nobody"}, key="delegation", post=True)

# Keeping the system.
rows("accounts:users", "accounts:user_new", "accounts:calendar", "accounts:calendar_template", "shell:health", may=KEEPER)
rows("accounts:audit", "accounts:audit_state", "accounts:audit_verify", "accounts:audit_export", may=KEEPER)
rows("accounts:user", "accounts:user_edit", "accounts:deactivate", "accounts:reactivate", may=KEEPER, key="user")
rows("accounts:unlock", "accounts:issue_code", "accounts:issue_factor_code", "accounts:appoint", may=KEEPER, key="user")
rows("accounts:end_duty", may=KEEPER, key="duty")
rows("accounts:suggestions", may=ANSWERING)
rows("accounts:suggestion", may=ITSELF | ANSWERING, key="suggestion")
rows("accounts:answer", may=ANSWERING, key="suggestion")

# The tree. A root has no superior to set it up: the administrator does.
rows("organisations:tree", "organisations:numbers", "organisations:hand_overs", may=EVERYBODY)
rows("organisations:top", "organisations:establish_top", may=KEEPER)
for name in ("organisation", "level", "as_of", "history", "establish", "edit", "posts", "post_new", "term", "term_elect", "term_extend",
             "term_request", "term_correct", "structure", "expected", "people_of"):
    rows(f"organisations:{name}", may=HERE, key="organisation")
rows("shell:panel", may=HERE, key="organisation", keys={"slot": "=organisation", "key": "=zaidao-diagnosis-panels-hours"})
rows("organisations:change", may=ABOVE, keys={"pk": "organisation", "kind": "=move"})

rows("shell:burden", may=LEADERS)  # all of them are secretaries or the office

# Posts.
rows("organisations:terms", "organisations:structure_list", may=LEADERS)
for name in ("post", "post_seats", "post_abolish", "appoint"):
    rows(f"organisations:{name}", may=HERE, key="post")
for name in ("end", "correct", "void"):
    rows(f"organisations:appointment_{name}", may=HERE, key="appointment")
for name in ("hand_over", "hand_over_edit", "hand_over_confirm"):
    rows(f"organisations:{name}", may=HERE, key="hand_over")

# People.
for name in ("people", "person_new", "people_find", "dates", "transfers", "take_in", "receivers"):
    rows(f"organisations:{name}", may=LEADERS)
for name in ("", "_edit", "_reveal", "_account", "_step", "_extend", "_review", "_dates", "_leave", "_history", "_move"):
    rows(f"organisations:person{name}", may=HERE, key="person")
rows("organisations:absence_new", "organisations:transfer_new", may=HERE, key="person")
rows("organisations:absence_end", "organisations:absence_contact", may=HERE, key="absence")
rows("organisations:transfer", "organisations:transfer_confirm", "organisations:transfer_withdraw", may=HERE, key="transfer")
rows("organisations:transfer_receive", "organisations:transfer_return", may=TOP, key="transfer")  # the receiver's side
rows("organisations:objection_answer", may=HERE, key="objection")

# Import and export.
rows("organisations:imports", "organisations:import_template", "organisations:export", may=LEADERS)
rows("organisations:import", "organisations:import_progress", "organisations:import_errors", may=ITSELF, key="plan")
for name in ("confirm", "go_on", "undo", "discard"):
    rows(f"organisations:import_{name}", may=ITSELF, key="plan", post=True)

# Diagnosis.
rows("diagnosis:catalogue", "diagnosis:method", "diagnosis:template", may=EVERYBODY)
rows("diagnosis:uploads", "diagnosis:living", may=LEADERS)
rows("diagnosis:begin_living", may=TOP, post=True)
rows("diagnosis:what_if", may=HERE, key="organisation")
rows("diagnosis:upload", "diagnosis:upload_progress", "diagnosis:problems_csv", may=ITSELF, key="upload")
rows("diagnosis:diagnose", "diagnosis:delete", may=ITSELF, key="upload", post=True)
rows("diagnosis:keep", may=NOBODY, key="upload", post=True)  # whose upload it is holds no post at the top
for name in ("run", "run_wait", "run_progress", "picture", "findings", "load", "compare"):
    rows(f"diagnosis:{name}", may=LEADERS, key="run")
rows("diagnosis:problems", may=NOBODY, key="run")
rows("diagnosis:report", may=TOP, key="run")
rows("diagnosis:file", may=TOP, key="run", keys={"name": "=report.xlsx"})
rows("diagnosis:children", may=LEADERS, key="run", keys={"org_id": "=O-company"})
rows("diagnosis:organisation", may=HERE, key="run", keys={"org_id": "=O-sibling"})
rows("diagnosis:record", may=HERE, key="run", keys={"table": "=person", "key": "=P-sibling"})
rows("diagnosis:finding", may=HERE, key="run", keys={"code": "=structure_gap", "org_id": "=O-sibling"}, posts=ITSELF)
rows("diagnosis:withdraw", may=ITSELF, key="run", keys={"answer": "answer"}, post=True)

from tests.access import rows_carriers, rows_institutions  # noqa: E402, F401  rows of these modules

# Whose canaries each person may read: those of the organisations that their posts cover.
WHOLE = frozenset({"group", "company", "branch", "sibling", "other", "quay"})
SEES: dict[str, frozenset[str]] = {
    "head": WHOLE, "office": WHOLE, "superior": frozenset({"company", "branch", "sibling"}), "sibling_secretary": frozenset({"sibling"}),
    "secretary": frozenset({"branch"}), "member": frozenset(), "nobody": frozenset(), "keeper": frozenset(),
}
