"""Facts of this module."""

from zaidao.institutions.models.duties import Duty, Exemption, Fulfilment, Record, Waiting
from zaidao.institutions.models.rules import Article, Clause, Edition, Institution, OfficeValue

__all__ = ["Article", "Clause", "Duty", "Edition", "Exemption", "Fulfilment", "Institution", "OfficeValue", "Record", "Waiting"]
