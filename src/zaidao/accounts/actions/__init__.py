"""What can be done with accounts. Every verb asks `core.access`, decides, writes and goes on record in one transaction."""
