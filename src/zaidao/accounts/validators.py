"""A password that does not give its owner away."""

from typing import Any

from django.core.exceptions import ValidationError

LEAST = 4  # shorter numbers occur in passwords by chance


class NotOneself:
    """Refuses passwords that contain the person's work number or telephone number."""

    def validate(self, password: str, user: Any = None) -> None:
        own = [getattr(user, "work_no", ""), getattr(user, "phone", "")]
        if any(len(part) >= LEAST and part.lower() in password.lower() for part in own):
            raise ValidationError("密码不能包含自己的工号或手机号。", code="password_contains_oneself")

    def get_help_text(self) -> str:
        return "密码不能包含自己的工号或手机号。"
