from __future__ import annotations

from datetime import date

import pytest
from pydantic import ValidationError

from geo.errors import InputError
from scoring.lending.loanbook import LoanBook
from scoring.lending.reading import read_loan_book
from tests.scoring.lending.made_up import MAPPING, mapping_with, rows_of

DAY = date(2026, 11, 20)
NAMED = {"village": {"column": "where"}}
CODED = NAMED | {"village_code": {"column": "division"}}
LIU = {"division": "371522103201", "where": "Liuzhuang"}


def _read(columns: dict[str, dict[str, str]], *changes: dict[str, str | None]) -> LoanBook:
    return read_loan_book(rows_of(*changes), None, mapping_with(plot=MAPPING["plot"] | columns), DAY)


def test_plots_lie_in_villages_where_the_file_says_so() -> None:
    plots = _read(CODED, LIU, LIU, {"division": None, "where": None}).plots
    assert plots.village_code.tolist() == ["371522103201", "371522103201", None]
    assert plots.village.tolist() == ["Liuzhuang", "Liuzhuang", None]


def test_a_name_without_codes_is_the_code_and_a_file_need_not_know_villages() -> None:
    assert _read(NAMED, {"where": "Chak 12/4-L"}).plots.village_code.tolist() == ["Chak 12/4-L"]
    assert _read({}, {}).plots.village_code.tolist() == [None]


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        ({"division": None, "where": "Dongpo"}, "LOAN_VILLAGE", "row 2: the village Dongpo has no code"),
        ({"division": "371522103202", "where": None}, "LOAN_VILLAGE", "row 2: the village 371522103202 has no name"),
        ({"division": "3.71522E+11", "where": "Dongpo"}, "LOAN_VILLAGE", "row 2: '3.71522E+11' is no code"),
        ({"division": "371522103202.0", "where": "Dongpo"}, "LOAN_VILLAGE", "is no code of a village"),
        ({"division": "71522103202", "where": "Dongpo"}, "LOAN_VILLAGE", "has 11 digits, others have 12"),
        (LIU | {"where": "Dongpo"}, "LOAN_VILLAGE", "371522103201 is called Dongpo here and Liuzhuang before"),
        ({"division": "371522103202", "where": "D" * 129}, "LOAN_VILLAGE", "has 129 characters"),
        ({"division": "371522103202", "where": "Dongpo", "plot": "p1"}, "LOAN_DIFFERS", "village of the plot p1"),
    ],
)
def test_what_contradicts_itself_is_refused(change: dict[str, str | None], code: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        _read(CODED, LIU, change)
    assert caught.value.code == code
    assert said in caught.value.message


def test_codes_need_names_in_the_mapping() -> None:
    with pytest.raises(ValidationError, match="a village_code needs the village's name"):
        mapping_with(plot=MAPPING["plot"] | {"village_code": {"column": "division"}})
