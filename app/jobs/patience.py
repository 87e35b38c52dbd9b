"""Trying again what may succeed later."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from geo.errors import TransientError

_T = TypeVar("_T")

_ATTEMPTS: Final = 5
_LONGEST_WAIT_S: Final = 60.0


def patiently(work: Callable[..., _T], *job: Any) -> _T:
    """`work(*job)`, again after a growing random pause while it raises TransientError; the fifth is final.

    What a server says of when to come back is obeyed where it is asked (`tiles.access`); these pauses come on top.
    """
    retrying = Retrying(
        retry=retry_if_exception_type(TransientError),
        stop=stop_after_attempt(_ATTEMPTS),
        wait=wait_random_exponential(multiplier=1.0, max=_LONGEST_WAIT_S),
        reraise=True,
    )
    return retrying(work, *job)
