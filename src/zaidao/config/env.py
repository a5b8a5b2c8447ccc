"""Settings come from the environment. A value that cannot be meant, or a name that nobody reads, stops the start with a sentence."""

import os
from collections.abc import Iterable
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

PREFIX, TESTS = "ZAIDAO_", "ZAIDAO_TEST_"
YES, NO = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}

_known: set[str] = set()


def text(name: str, default: str = "") -> str:
    """The variable, or the content of the file that `NAME_FILE` names (secrets of containers)."""
    _known.update({name, f"{name}_FILE"})
    file = os.environ.get(f"{name}_FILE")
    if file:
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ImproperlyConfigured(f"{name}_FILE 指向的文件读不了:{file}({error.strerror})。") from error
    return os.environ.get(name, default)


def flag(name: str, *, default: bool = False) -> bool:
    """1 or 0."""
    value = text(name, "1" if default else "0").lower()
    if value not in YES | NO:
        raise ImproperlyConfigured(f"{name} 应为 1 或 0,现在是“{value}”。")
    return value in YES


def number(name: str, default: int, *, least: int = 0) -> int:
    value = text(name, str(default))
    if not value.isascii() or not value.isdigit() or int(value) < least:
        raise ImproperlyConfigured(f"{name} 应为不小于 {least} 的整数,现在是“{value}”。")
    return int(value)


def choice(name: str, allowed: Iterable[str], default: str) -> str:
    value, possible = text(name, default), tuple(allowed)
    if value not in possible:
        raise ImproperlyConfigured(f"{name} 只能是 {'、'.join(possible)},现在是“{value}”。")
    return value


def names(name: str) -> list[str]:
    """Names divided by commas."""
    return [part.strip() for part in text(name).split(",") if part.strip()]


def folder(name: str, default: Path) -> Path:
    return Path(text(name, str(default))).absolute()


def finish() -> None:
    """Raises ImproperlyConfigured for a variable of ours that nothing reads: most likely a misspelt name."""
    unknown = sorted(n for n in os.environ if n.startswith(PREFIX) and n not in _known and not n.startswith(TESTS))
    if unknown:
        raise ImproperlyConfigured(f"不认识的设置:{'、'.join(unknown)}。可用的设置见 docs/reference/settings.md。")
