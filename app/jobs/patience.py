"""Trying again what may succeed later."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from geo.errors import TransientError

_T = TypeVar("_T")

_ATTEMPTS: Final = 5
_LONGEST_WAIT_S: Final = 60.0

#: Key of a TransientError's context: seconds after which a server asked to be called again.
RETRY_AFTER: Final = "retry_after_s"


def patiently(work: Callable[..., _T], *job: Any) -> _T:
    """`work(*job)`, again after a growing random pause while it raises TransientError; the fifth is final.

    A server that said when to come back (`RETRY_AFTER` in the error's context) is waited for, one minute at most.
    """
    retrying = Retrying(
        retry=retry_if_exception_type(TransientError),
        stop=stop_after_attempt(_ATTEMPTS),
        wait=_pause_s,
        reraise=True,
    )
    return retrying(work, *job)


def _pause_s(state: RetryCallState) -> float:
    own = wait_random_exponential(multiplier=1.0, max=_LONGEST_WAIT_S)(state)
    error = state.outcome.exception() if state.outcome is not None else None
    asked = error.context.get(RETRY_AFTER) if isinstance(error, TransientError) else None
    return min(max(own, float(str(asked))), _LONGEST_WAIT_S) if asked is not None else own
