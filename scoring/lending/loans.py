"""Facts of loans, row by row: numbers, products and their currencies, amounts, days and classes."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import pandas as pd

from scoring.lending.agreement import disagreements, repeats
from scoring.lending.cells import Cells, Texts
from scoring.lending.loanbook import AMOUNTS
from scoring.lending.mapping import LoanMapping
from scoring.risk.classes import compare_classes

#: Amounts that may be 0: a loan may be repaid, and nothing of it overdue. A line of nothing is no line.
_MAY_BE_ZERO: Final = ("drawing", "outstanding", "overdue")
#: What all loans of one facility have in common.
_OF_THE_FACILITY: Final = ("farmer_id", "product", "currency", "sanctioned_minor", "drawing_minor")


def read_loans(cells: Cells, mapping: LoanMapping, as_of: date) -> pd.DataFrame:
    """Facts of the loan of every row, as LoanBook.loans has them; faults stay with the cells."""
    said = mapping.loan
    numbers = cells.texts("loan_number", said["loan_number"])
    cells.faults.add("LOAN_NUMBER", _empty("the loan number", numbers))
    products = _products(cells, mapping)
    currency = _currencies(cells, mapping, products)
    facilities = cells.texts("facility_number", said.get("facility_number"))
    columns: dict[str, list[Any]] = {
        "loan_number": numbers,
        "facility_number": [own or number for own, number in zip(facilities, numbers, strict=True)],
        "farmer_id": cells.texts("farmer_id", said.get("farmer_id")),
        "product": products,
        "revolving": [name is not None and mapping.products[name].revolving for name in products],
        "currency": currency,
    }
    for name in AMOUNTS:
        columns[f"{name}_minor"] = cells.amounts(name, said.get(name), currency, above_zero=name not in _MAY_BE_ZERO)
    columns |= {
        "days_overdue": cells.counts("days_overdue", said.get("days_overdue")),
        "rate_ppm": cells.rates(said.get("rate")),
        "opened_on": cells.days("opened_on", said["opened_on"]),
        "due_on": cells.days("due_on", said.get("due_on")),
        "loan_class": cells.texts("loan_class", said.get("loan_class")),
    }
    loans = pd.DataFrame({name: pd.Series(values, dtype=object) for name, values in columns.items()})
    _check_days(cells, loans, as_of)
    _check_agreement(cells, loans, mapping)
    return loans


def with_classes(loans: pd.DataFrame) -> pd.DataFrame:
    """Loans, each once, with their classes as scoring.risk.classes names them.

    Raises:
        DataError: a class is unknown.
    """
    named = compare_classes(loans.rename(columns={"loan_number": "loan_id"}), ())
    return loans.assign(loan_class=pd.Series(named.loan_class.tolist(), dtype=object))


def _empty(what: str, values: Texts) -> list[tuple[int, str]]:
    return [(row, f"{what} is empty") for row, value in enumerate(values) if value is None]


def _products(cells: Cells, mapping: LoanMapping) -> Texts:
    codes = {code: name for name, product in mapping.products.items() for code in (name, *product.codes)}
    said = cells.texts("product", mapping.loan["product"])
    cells.faults.add("LOAN_PRODUCT", _empty("the product", said))
    cells.faults.add(
        "LOAN_PRODUCT",
        ((row, f"the product {code!r} is not known") for row, code in enumerate(said) if code and code not in codes),
    )
    return [None if code is None else codes.get(code) for code in said]


def _currencies(cells: Cells, mapping: LoanMapping, products: Texts) -> Texts:
    known = [None if name is None else mapping.products[name].currency for name in products]
    column = mapping.loan.get("currency")
    if column is None:
        return known
    said = cells.texts("currency", column)
    cells.faults.add("LOAN_CURRENCY", _empty("the currency", said))
    cells.faults.add(
        "LOAN_CURRENCY",
        (
            (row, f"the currency is {code}, that of its product {products[row]} is {own}")
            for row, (code, own) in enumerate(zip(said, known, strict=True))
            if code and own and code != own
        ),
    )
    return [code if code in mapping.exponents else None for code in said]


def _check_days(cells: Cells, loans: pd.DataFrame, as_of: date) -> None:
    wrong: list[tuple[int, str]] = []
    for row, (opened, due) in enumerate(zip(loans.opened_on, loans.due_on, strict=True)):
        if opened is not None and opened > as_of:
            wrong.append((row, f"opened on {opened}, after the file's day {as_of}"))
        if opened is not None and due is not None and due < opened:
            wrong.append((row, f"due on {due}, before it was opened on {opened}"))
    cells.faults.add("LOAN_DATES", wrong)
    cells.faults.add("LOAN_DATE", _opened_is_empty(cells, loans))


def _opened_is_empty(cells: Cells, loans: pd.DataFrame) -> list[tuple[int, str]]:
    bad = {fault.row - 1 for fault in cells.faults.found if fault.code == "LOAN_DATE"}
    return [(row, "opened_on is empty") for row, day in enumerate(loans.opened_on) if day is None and row not in bad]


def _check_agreement(cells: Cells, loans: pd.DataFrame, mapping: LoanMapping) -> None:
    numbers = loans.loan_number
    if mapping.rows == "loans":
        cells.faults.add("LOAN_TWICE", ((row, f"the loan {numbers[row]} stands before") for row in repeats(numbers)))
        differing = []
    else:
        differing = list(disagreements(numbers, loans.drop(columns="loan_number")))
    of_loans = {row for row, _ in differing}
    shared = loans[list(_OF_THE_FACILITY)]
    differing += [pair for pair in disagreements(loans.facility_number, shared) if pair[0] not in of_loans]
    for row, name in differing:
        code = "LOAN_CURRENCY" if name == "currency" else "LOAN_DIFFERS"
        cells.faults.add(code, [(row, f"{name} of the loan {numbers[row]} differs from its first row's")])
