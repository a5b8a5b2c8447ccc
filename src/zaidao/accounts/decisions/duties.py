"""Who may hold which administrators' duty (三员), and whose cannot end."""

from collections.abc import Collection

SYSTEM, SECURITY, AUDIT = "system", "security", "audit"
NAMES = {SYSTEM: "系统管理员", SECURITY: "安全管理员", AUDIT: "审计管理员"}


def grant(*, duty: str, held: Collection[str], separate: bool, oneself: bool, usable: bool) -> list[str]:
    """Why the duty cannot be given. `held`: what the person holds; `separate`: three persons are wanted; `usable`: may sign in."""
    reasons = []
    if oneself:
        reasons.append("不能给自己指定职责,请由另一位安全管理员办理")
    if not usable:
        reasons.append("账号已停用")
    if duty in held:
        reasons.append("已担任这项职责")
    elif held and separate:
        reasons.append("本系统要求系统、安全、审计三项职责由不同的人担任,此人已担任其中一项")
    return reasons


def end(*, duty: str, others: int) -> list[str]:
    """Why the duty cannot be ended. `others`: how many others hold it who can sign in. Without a system or security administrator nobody
    could give anybody anything any more; without an auditor nobody would look at what the other two do."""
    return [] if others else [f"这是最后一位可以登录的{NAMES[duty]},请先指定并启用另一位"]


def at_first(*, wanted: str, separate: bool) -> tuple[set[str], list[str]]:
    """Which duties an administrator made by command gets, and why not. `wanted`: one by name, or "" for all that may be held together."""
    if separate and not wanted:
        return set(), ["本系统要求三项职责由不同的人担任,请用 --duty system、security、audit 各设一位"]
    return ({wanted} if wanted else set(NAMES)), []
