"""The search page: what every module has, found by words, inside one's scope."""
