"""Whether somebody may stand in for somebody else (代办)."""

from datetime import date


def give(*, since: date, until: date, today: date, most_days: int, oneself: bool, has_posts: bool) -> list[str]:
    """Why it cannot be handed over. `most_days`: the longest term; `has_posts`: the giver may do something by a post."""
    reasons = []
    if oneself:
        reasons.append("不能委托给自己")
    if not has_posts:
        reasons.append("您目前没有可以委托的岗位")
    if since < today:
        reasons.append("开始日不能早于今天")
    if until <= since:
        reasons.append("结束日应晚于开始日")
    elif (until - since).days > most_days:
        reasons.append(f"一次委托最长 {most_days} 天;更长的请办理任免")
    return reasons
