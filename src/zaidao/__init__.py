"""载道 Zaidao: the working system for grassroots Party organisations in enterprises and similar units."""

__version__ = "0.1.0"
