"""What came of one attempt to deliver."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_MOST_SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class Outcome:
    """Delivered, or not.

    Attributes:
        delivered: the other side took it.
        error: what went wrong, without secrets; None: nothing.
        again: whether another attempt may help.
        rest: whether the other side should be left alone with other notices too.
        wait_s: seconds that the other side asks to wait.
    """

    delivered: bool
    error: str | None = None
    again: bool = False
    rest: bool = False
    wait_s: float = 0.0


DELIVERED: Final = Outcome(delivered=True)


def refused(error: str) -> Outcome:
    """No attempt can help until somebody changes something."""
    return Outcome(delivered=False, error=error)


def put_off(error: str, wait_s: float = 0.0, *, rest: bool = True) -> Outcome:
    """A later attempt may help."""
    return Outcome(delivered=False, error=error, again=True, rest=rest, wait_s=wait_s)


def shown(said: bytes | str, *secrets: str) -> str:
    """The first 200 characters of what the other side said, on one line, without secrets that it repeated."""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    for secret in secrets:
        text = text.replace(secret, "***") if secret else text
    plain = "".join(each if each.isprintable() else " " for each in text)
    return " ".join(plain.split())[:_MOST_SHOWN]
