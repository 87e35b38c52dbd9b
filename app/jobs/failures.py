"""What could not be done while the rest went on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from geo.errors import AcrelineError
from geo.runrecord import Failure


class PartlyDoneError(AcrelineError):
    """Something failed and the rest was done (exit status 4)."""

    exit_status = 4


def failures_of(failed: Mapping[str, AcrelineError]) -> tuple[Failure, ...]:
    """Entries of a run record for what failed, by name, sorted."""
    return tuple(Failure(name, error.code, str(error)) for name, error in sorted(failed.items()))


def first_of(failed: Mapping[str, AcrelineError]) -> AcrelineError:
    """The failure of the first name."""
    return failed[min(failed)]


def complain(failures: Sequence[Failure], what: str, record: str) -> None:
    """End a command that did only part of its work.

    Args:
        failures: what failed; nothing is said where there is none.
        what: name of such things, "tile".
        record: file that lists all of them.

    Raises:
        PartlyDoneError: one line that names the first, the file and what to do.
    """
    if failures:
        first = failures[0]
        number = f"1 {what} has" if len(failures) == 1 else f"{len(failures)} {what}s have"
        raise PartlyDoneError(
            "PARTLY_DONE",
            f"{number} failed, the rest is done; {first.subject}: {first.message}",
            f"{record} lists what failed; the same command tries it again.",
        )
