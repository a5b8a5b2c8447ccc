"""Forms of organisations, posts and people."""
