"""Who may open which address: a row for every address of the resolver.

A row names what the address asks for (a thing of 车间支部, `sibling`) and who may have it. Everybody else is refused: 404 where they
may not know of it, 403 where they may. The sets are written by hand from the issue, not derived from the code under test.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

EVERYBODY = frozenset({"head", "office", "superior", "sibling_secretary", "secretary", "member", "nobody", "keeper"})
ABOVE = frozenset({"head", "office", "superior"})  # superiors of 车间支部
HERE = ABOVE | {"sibling_secretary"}  # and its own secretary
ITSELF = frozenset({"sibling_secretary"})
LEADERS = HERE | {"secretary"}  # whoever leads something somewhere: lists show each their own part
TOP = frozenset({"head", "office"})
KEEPER = frozenset({"keeper"})
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


def _rows(names: Iterable[str], may: frozenset[str], key: str = "", *, post: bool = False, own: bool = False) -> dict[str, Row]:
    return {name: Row(may, {"pk": key} if key else {}, post, own=own) for name in names}


SIGN_IN = dict.fromkeys((
    "account_login", "account_inactive", "mfa_authenticate", "mfa_login_webauthn", "accounts:activate", "accounts:factor_code", "shell:ping",
), Row(EVERYBODY, open=True)) | {"accounts:enter": Row(NOBODY, post=True, open=True)}
OWN = _rows((
    "account_logout", "account_change_password", "account_set_password", "account_reauthenticate", "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn", "usersessions_list", "mfa_index", "mfa_activate_totp", "mfa_deactivate_totp", "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes", "mfa_list_webauthn", "mfa_add_webauthn", "accounts:me", "accounts:phone", "accounts:delegations",
    "organisations:own", "organisations:own_reveal", "organisations:own_acts", "organisations:objection_new",
), EVERYBODY, own=True) | _rows(("accounts:suggest", "shell:home", "shell:about"), EVERYBODY) | _rows(("shell:filter_save",), EVERYBODY, post=True) | {
    "mfa_edit_webauthn": Row(NOBODY, {"pk": "none"}, own=True), "mfa_remove_webauthn": Row(NOBODY, {"pk": "none"}, own=True),
    "accounts:end_delegation": Row(ITSELF | {"nobody"}, {"pk": "delegation"}, post=True), "shell:filter_drop": Row(ITSELF, {"pk": "filter"}, post=True),
    "accounts:suggestions": Row(frozenset({"office", "keeper"})),
    "accounts:suggestion": Row(ITSELF | {"office", "keeper"}, {"pk": "suggestion"}),
    "accounts:answer": Row(frozenset({"office", "keeper"}), {"pk": "suggestion"}),
}
ACCOUNTS = _rows(("accounts:users", "accounts:user_new", "accounts:audit", "shell:health", "accounts:calendar", "accounts:calendar_template"), KEEPER) | _rows(
    ("accounts:audit_state", "accounts:audit_verify", "accounts:audit_export"), KEEPER,
) | _rows((
    "accounts:user", "accounts:user_edit", "accounts:deactivate", "accounts:reactivate", "accounts:unlock", "accounts:issue_code",
    "accounts:issue_factor_code", "accounts:appoint",
), KEEPER, "user") | {"accounts:end_duty": Row(KEEPER, {"pk": "duty"})}
ORGANISATIONS = _rows(("organisations:tree", "organisations:hand_overs"), EVERYBODY) | _rows((
    "organisations:organisation", "organisations:level", "organisations:as_of", "organisations:history", "organisations:establish",
    "organisations:edit", "organisations:posts", "organisations:post_new", "organisations:term", "organisations:term_elect",
    "organisations:term_extend", "organisations:term_correct", "organisations:structure", "organisations:expected",
    "organisations:people_of",
), HERE, "organisation") | {
    "organisations:change": Row(ABOVE, {"pk": "organisation", "kind": "=move"}),
}
POSTS = _rows(("organisations:post", "organisations:post_seats", "organisations:post_abolish", "organisations:appoint"), HERE, "post") | _rows(
    ("organisations:appointment_end", "organisations:appointment_correct", "organisations:appointment_void"), HERE, "appointment",
) | _rows(("organisations:hand_over", "organisations:hand_over_edit", "organisations:hand_over_confirm"), HERE, "hand_over") | _rows(
    ("organisations:terms", "organisations:structure_list"), LEADERS,
)
PEOPLE = _rows((
    "organisations:person", "organisations:person_edit", "organisations:person_reveal", "organisations:person_account",
    "organisations:person_step", "organisations:person_extend", "organisations:person_review", "organisations:person_dates",
    "organisations:person_leave", "organisations:person_history", "organisations:absence_new", "organisations:transfer_new", "organisations:person_move",
), HERE, "person") | _rows(("organisations:absence_end", "organisations:absence_contact"), HERE, "absence") | _rows((
    "organisations:people", "organisations:person_new", "organisations:people_find", "organisations:dates", "organisations:transfers",
    "organisations:take_in", "organisations:receivers",
), LEADERS) | _rows(("organisations:transfer", "organisations:transfer_confirm"), HERE, "transfer") | _rows(
    ("organisations:transfer_receive", "organisations:transfer_return"), TOP, "transfer",
) | _rows(("organisations:transfer_withdraw",), HERE, "transfer") | {
    "organisations:objection_answer": Row(HERE, {"pk": "objection"}),
}
IMPORTS = _rows(("organisations:imports", "organisations:import_template", "organisations:export"), LEADERS) | _rows(
    ("organisations:import", "organisations:import_progress", "organisations:import_errors"), ITSELF, "plan",
) | _rows((
    "organisations:import_confirm", "organisations:import_go_on", "organisations:import_undo", "organisations:import_discard",
), ITSELF, "plan", post=True)
TOP_LEVEL = _rows(("organisations:top", "organisations:establish_top"), KEEPER)  # a root has no superior to set it up
_IN_RUN = {"pk": "run"}
DIAGNOSIS = _rows(("diagnosis:uploads", "diagnosis:living"), LEADERS) | _rows(
    ("diagnosis:catalogue", "diagnosis:method", "diagnosis:template"), EVERYBODY,
) | _rows(("diagnosis:upload", "diagnosis:upload_progress", "diagnosis:problems_csv"), ITSELF, "upload") | _rows(
    ("diagnosis:diagnose", "diagnosis:delete"), ITSELF, "upload", post=True,
) | {"diagnosis:keep": Row(NOBODY, {"pk": "upload"}, post=True),  # whose it is holds no post at the top
     "diagnosis:begin_living": Row(TOP, post=True), "diagnosis:what_if": Row(HERE, {"pk": "organisation"})} | _rows((
    "diagnosis:run", "diagnosis:run_wait", "diagnosis:run_progress", "diagnosis:picture", "diagnosis:findings", "diagnosis:load",
    "diagnosis:compare",
), LEADERS, "run") | {
    "diagnosis:problems": Row(NOBODY, _IN_RUN), "diagnosis:report": Row(TOP, _IN_RUN),
    "diagnosis:file": Row(TOP, _IN_RUN | {"name": "=report.xlsx"}),
    "diagnosis:children": Row(LEADERS, _IN_RUN | {"org_id": "=O-company"}),
    "diagnosis:organisation": Row(HERE, _IN_RUN | {"org_id": "=O-sibling"}),
    "diagnosis:record": Row(HERE, _IN_RUN | {"table": "=person", "key": "=P-sibling"}),
    "diagnosis:finding": Row(HERE, _IN_RUN | {"code": "=structure_gap", "org_id": "=O-sibling"}, posts=ITSELF),
    "diagnosis:withdraw": Row(ITSELF, _IN_RUN | {"answer": "answer"}, post=True),
}
ROWS: dict[str, Row] = SIGN_IN | OWN | ACCOUNTS | ORGANISATIONS | POSTS | PEOPLE | IMPORTS | TOP_LEVEL | DIAGNOSIS

# Whose canaries each person may read: those of the organisations that their posts cover.
SEES = {
    "head": {"group", "company", "branch", "sibling", "other", "quay"}, "office": {"group", "company", "branch", "sibling", "other", "quay"},
    "superior": {"company", "branch", "sibling"}, "sibling_secretary": {"sibling"}, "secretary": {"branch"}, "member": set[str](),
    "nobody": set[str](), "keeper": set[str](),
}
