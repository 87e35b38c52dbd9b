"""Loans whose class in the core system is better than the floor of their days overdue: for a person to look at."""

from __future__ import annotations

from dataclasses import dataclass

from scoring.lending.loanbook import LoanBook
from scoring.risk.classes import ClassState, compare_classes
from scoring.risk.section import ClassFloors


@dataclass(frozen=True, slots=True)
class ClassFlag:
    """A class that is better than its floor; nothing is refused and nothing changed.

    Attributes:
        loan_number: the loan.
        days_overdue: as the file states them.
        loan_class: of the core system.
        floor: what the days give at least.
    """

    loan_number: str
    days_overdue: int
    loan_class: str
    floor: str


def flag_classes(book: LoanBook, floors: ClassFloors) -> tuple[ClassFlag, ...]:
    """Flags of a book, in its order."""
    compared = compare_classes(book.loans.rename(columns={"loan_number": "loan_id"}), floors.floors)
    better = compared[compared.state == ClassState.BETTER_THAN_FLOOR]
    columns = (better[name].tolist() for name in ("loan_id", "days_overdue", "loan_class", "floor"))
    return tuple(ClassFlag(loan, int(days), *classes) for loan, days, *classes in zip(*columns, strict=True))
