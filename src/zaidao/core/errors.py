"""What is said to a person whose request cannot be done."""


class Refused(Exception):
    """It cannot be done as asked, for reasons that the person can understand and mend (Chinese, shown as they are)."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(";".join(reasons))
        self.reasons = reasons
