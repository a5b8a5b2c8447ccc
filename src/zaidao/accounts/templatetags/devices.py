"""What a browser says of itself, in words that its owner knows: Windows 电脑,Edge."""

from django import template

register = template.Library()

# The first that fits: names that others carry along stand behind those that carry them.
SYSTEMS = (
    ("OpenHarmony", "鸿蒙设备"), ("HarmonyOS", "鸿蒙设备"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "安卓设备"),
    ("Windows", "Windows 电脑"), ("Macintosh", "苹果电脑"), ("UOS", "统信电脑"), ("Kylin", "麒麟电脑"), ("Linux", "Linux 电脑"),
)
BROWSERS = (
    ("wxwork", "企业微信"), ("DingTalk", "钉钉"), ("MicroMessenger", "微信"), ("QQBrowser", "QQ浏览器"), ("360", "360浏览器"),
    ("Edg", "Edge"), ("HuaweiBrowser", "华为浏览器"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"),
)


@register.filter
def device(agent: str | None) -> str:
    """System and browser; 未知设备 where neither is known."""
    found = [next((name for mark, name in known if mark.lower() in (agent or "").lower()), "") for known in (SYSTEMS, BROWSERS)]
    return ",".join(filter(None, found)) or "未知设备"
