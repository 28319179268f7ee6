"""Numbers in words."""


def counted(number: int, what: str) -> str:
    """Such as "1 test" and "2 tests"."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
