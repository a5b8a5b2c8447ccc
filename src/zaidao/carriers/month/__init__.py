"""The month: what one's own organisations owe, what is decided and open, which organisations have not yet; the day's reminder."""
