"""Model fields whose values are encrypted in the database. They can be written and read, never searched: see `crypto.blind`."""

import json
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from zaidao.core import crypto


class EncryptedTextField(models.TextField):
    """Text that lies encrypted in the database; empty stays empty."""

    @property
    def purpose(self) -> str:
        return f"{self.model._meta.label_lower}.{self.attname}"

    def get_prep_value(self, value: Any) -> Any:
        return crypto.encrypt(value, self.purpose) if value else value

    def from_db_value(self, value: Any, *_: Any) -> Any:
        return crypto.decrypt(value, self.purpose) if value else value

    def get_lookup(self, lookup_name: str) -> Any:
        """Only emptiness can be asked of the database: no other comparison could ever be true."""
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None


class EncryptedJSONField(EncryptedTextField):
    """A JSON value that lies encrypted in the database."""

    def get_prep_value(self, value: Any) -> Any:
        return super().get_prep_value(json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False))

    def from_db_value(self, value: Any, *args: Any) -> Any:
        text = super().from_db_value(value, *args)
        return json.loads(text) if text else None

    def to_python(self, value: Any) -> Any:
        return value
