"""One error tree. The command line and the API turn these into one clear line each; nothing else is expected."""

from __future__ import annotations


class AcrelineError(Exception):
    """Base of every error that a person should read.

    Attributes:
        code: stable upper-case name, for machines ("PARCELS_WITHOUT_CRS").
        message: what is wrong, naming the thing.
        remedy: what to do about it.
        context: further facts, for logs.
        exit_status: status of the command that ends with this error.
        retryable: whether the same call may succeed later.
    """

    exit_status = 3
    retryable = False

    def __init__(self, code: str, message: str, remedy: str = "", **context: object) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.remedy = remedy
        self.context = context

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".rstrip()

    def __reduce__(self) -> tuple[object, ...]:
        """Survive the way through a worker process (the default loses all but the message)."""
        return _rebuild, (type(self), self.code, self.message, self.remedy, self.context)


def _rebuild(
    kind: type[AcrelineError], code: str, message: str, remedy: str, context: dict[str, object]
) -> AcrelineError:
    return kind(code, message, remedy, **context)


class InputError(AcrelineError):
    """What the user typed or handed in cannot be used (exit status 2)."""

    exit_status = 2


class DataError(AcrelineError):
    """Imagery, a table or a stored file is missing, damaged or not what it claims (exit status 3)."""


class TransientError(AcrelineError):
    """A source did not answer this time; the same call may succeed later."""

    retryable = True
