"""Who may hold which administrators' duty (三员), and whose cannot end."""

from collections.abc import Collection

SYSTEM, SECURITY, AUDIT = "system", "security", "audit"
NEVER_EMPTY = (SYSTEM, SECURITY)  # without them nobody could give anybody anything any more


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
    """Why the duty cannot be ended. `others`: how many others hold it who can sign in."""
    if duty in NEVER_EMPTY and others < 1:
        name = "系统管理员" if duty == SYSTEM else "安全管理员"
        return [f"这是最后一位可以登录的{name},请先指定并启用另一位"]
    return []
