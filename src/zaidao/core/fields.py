"""Model fields whose values are encrypted in the database. They can be written and read, never searched: see `crypto.blind`.

A lost key closes these values and nothing else: the row still loads and can be saved, its other fields read as ever. Only reading
the attribute raises KeyMissing (`masks.shown` says so on a page instead).
"""

import json
from dataclasses import dataclass
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models.query_utils import DeferredAttribute

from zaidao.core import crypto
from zaidao.core.crypto import KeyMissing

UNREADABLE = "无法读取(密钥缺失)"


@dataclass(frozen=True)
class Unreadable:
    """A value that no key at hand opens. `values_list` gives it in place of the text; shown, it says so."""

    stored: str
    why: str

    def __str__(self) -> str:
        return UNREADABLE

    def __repr__(self) -> str:
        return f"<{UNREADABLE}>"


class Closed(DeferredAttribute):
    """The attribute of an encrypted field: raises KeyMissing at the moment somebody reads what cannot be read."""

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        value = super().__get__(instance, cls)
        if instance is not None and isinstance(value, Unreadable):
            raise KeyMissing(value.why)
        return value

    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__[self.field.attname] = value  # type: ignore[attr-defined]


class EncryptedTextField(models.TextField):
    """Text that lies encrypted in the database; empty stays empty."""

    descriptor_class = Closed

    @property
    def purpose(self) -> str:
        return f"{self.model._meta.label_lower}.{self.attname}"

    def pre_save(self, model_instance: Any, add: bool) -> Any:
        """What could not be read is written back as it was stored."""
        held = model_instance.__dict__.get(self.attname)
        return held if isinstance(held, Unreadable) else super().pre_save(model_instance, add)

    def get_prep_value(self, value: Any) -> Any:
        if isinstance(value, Unreadable):
            return value.stored
        return crypto.encrypt(value, self.purpose) if value else value

    def from_db_value(self, value: Any, *_: Any) -> Any:
        try:
            return crypto.decrypt(value, self.purpose) if value else value
        except KeyMissing as missing:
            return Unreadable(value, str(missing))

    def get_lookup(self, lookup_name: str) -> Any:
        """Only emptiness can be asked of the database: no other comparison could ever be true."""
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None


class EncryptedJSONField(EncryptedTextField):
    """A JSON value that lies encrypted in the database."""

    def get_prep_value(self, value: Any) -> Any:
        if value is None:  # nothing, also where there is no key yet (migrations)
            return None
        told = value if isinstance(value, Unreadable) else json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)
        return super().get_prep_value(told)

    def from_db_value(self, value: Any, *args: Any) -> Any:
        text = super().from_db_value(value, *args)
        if isinstance(text, Unreadable):
            return text
        return json.loads(text) if text else None

    def to_python(self, value: Any) -> Any:
        return value
