"""Settings come from the environment. A value that cannot be meant, or a name that nobody reads, stops the start with a sentence."""

import contextlib
import os
import re
import secrets
from collections.abc import Iterable
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

PREFIX, TESTS = "ZAIDAO_", "ZAIDAO_TEST_"
YES, NO = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}
LEAST = 32  # signs of a secret: whoever guesses it signs in as anybody
HOST = re.compile(r"\.?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:.]+\]", re.IGNORECASE)

_known: set[str] = set()


def text(name: str, default: str = "") -> str:
    """The variable, or the content of the file that `NAME_FILE` names (secrets of containers)."""
    _known.update({name, f"{name}_FILE"})
    file = os.environ.get(f"{name}_FILE")
    if file and name in os.environ:
        raise ImproperlyConfigured(f"{name} 和 {name}_FILE 只能设置一个。")
    return _content(f"{name}_FILE", file) if file else os.environ.get(name, default)


def _content(name: str, file: str) -> str:
    try:
        held = Path(file).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{name} 指向的文件读不了:{file}({error.strerror})。") from error
    except UnicodeDecodeError:  # not `from` the error: it would quote the file
        raise ImproperlyConfigured(f"{name} 指向的文件不是文本:{file}。") from None
    if not held:
        raise ImproperlyConfigured(f"{name} 指向的文件是空的:{file}。")
    return held


def flag(name: str, *, default: bool = False) -> bool:
    """1 or 0."""
    value = text(name, "1" if default else "0").lower()
    if value not in YES | NO:
        raise ImproperlyConfigured(f"{name} 应为 1 或 0,现在是“{value}”。")
    return value in YES


def number(name: str, default: int, *, least: int = 0, most: int) -> int:
    value = text(name, str(default))
    if not value.isascii() or not value.isdigit() or len(value) > len(str(most)) or not least <= int(value) <= most:
        raise ImproperlyConfigured(f"{name} 应为 {least} 至 {most} 的整数,现在是“{value}”。")
    return int(value)


def choice(name: str, allowed: Iterable[str], default: str) -> str:
    value, possible = text(name, default), tuple(allowed)
    if value not in possible:
        raise ImproperlyConfigured(f"{name} 只能是 {'、'.join(possible)},现在是“{value}”。")
    return value


def names(name: str) -> list[str]:
    """Names divided by commas."""
    return [part.strip() for part in text(name).split(",") if part.strip()]


def hosts(name: str) -> list[str]:
    """Names of hosts, as a browser's address bar has them between `https://` and the next sign; `.office.cn` means all below it."""
    found = names(name)
    for each in found:
        if not HOST.fullmatch(each):
            raise ImproperlyConfigured(f"{name} 只写主机名,不带 https://、端口和路径,也不能是 *。现在有“{each}”。")
    return found


def origin(name: str) -> str:
    """An address of http or https with a host; empty where it is not set."""
    value = text(name)
    if value and not re.match(r"https?://[^/\s]+", value):
        raise ImproperlyConfigured(f"{name} 应是以 https:// 开头的网址,现在是“{value}”。")
    return value


def folder(name: str, default: Path) -> Path:
    return Path(text(name) or default).absolute()


def secret(name: str, file: Path) -> str:
    """The key that signs cookies: given, or made at first use in a file of its owner alone. Pages and worker may start in one moment:
    the first to put its whole file there wins, and both use that one."""
    given = text(name)
    if given and len(given) < LEAST:
        raise ImproperlyConfigured(f"{name} 太短,至少 {LEAST} 个字符。不设置的,程序会自己生成一个。")
    if given:
        return given
    if not file.exists():
        fresh = file.with_name(f".{file.name}-{secrets.token_hex(4)}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(secrets.token_urlsafe(48))
        with contextlib.suppress(FileExistsError):
            os.link(fresh, file)
        fresh.unlink()
    return _content(name, str(file))


def finish() -> None:
    """Raises ImproperlyConfigured for a variable of ours that nothing reads: most likely a misspelt name."""
    unknown = sorted(n for n in os.environ if n.startswith(PREFIX) and n not in _known and not n.startswith(TESTS))
    if unknown:
        raise ImproperlyConfigured(f"不认识的设置:{'、'.join(unknown)}。可用的设置见 docs/reference/settings.md。")
