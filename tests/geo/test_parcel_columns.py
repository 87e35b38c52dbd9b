from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from geo.errors import InputError
from geo.parcel_columns import FACTS, Notes, as_text, attribute_columns, parcel_ids

_VERSIONS = ("a" * 12, "b" * 12, "0" * 12)


def _ids(column: str | None = None, **columns: object) -> tuple[str, ...]:
    return parcel_ids(pd.DataFrame(columns, index=range(3)), column, _VERSIONS)


def _columns(**columns: object) -> tuple[pd.DataFrame, Notes]:
    notes = Notes()
    return attribute_columns(pd.DataFrame(columns), notes), notes


def test_the_first_known_id_column_is_used_whatever_its_case() -> None:
    assert _ids(FID=[7, 8, 9], Parcel_ID=["x", "y", "z"]) == ("x", "y", "z")
    assert _ids(PID=[1.0, 2.0, 3.0]) == ("1", "2", "3")


def test_an_empty_id_column_is_passed_over() -> None:
    assert _ids(parcel_id=[None, None, None], id=["x", "y", "z"]) == ("x", "y", "z")


def test_the_named_column_wins() -> None:
    assert _ids("Plot", parcel_id=["x", "y", "z"], plot=["1", "2", "3"]) == ("1", "2", "3")
    with pytest.raises(InputError, match="no column 'nope'"):
        _ids("nope", parcel_id=["x", "y", "z"])


def test_without_a_column_ids_come_from_outlines() -> None:
    assert _ids(other=[1, 1, 1]) == (f"p-{'a' * 12}", f"p-{'b' * 12}", "p-row3")


def test_twins_are_named() -> None:
    with pytest.raises(InputError, match="more than once: x") as caught:
        _ids(parcel_id=["x", "y", "x"])
    assert caught.value.code == "PARCEL_ID_TWICE"
    with pytest.raises(InputError, match="same outline"):
        parcel_ids(pd.DataFrame(index=range(2)), None, ("a" * 12, "a" * 12))


def test_many_twins_are_not_all_listed() -> None:
    ids = [f"id{k}" for k in range(20)] * 2
    with pytest.raises(InputError, match="id0, id1, id2 and 17 more"):
        parcel_ids(pd.DataFrame({"id": ids}), None, ("a" * 12,) * 40)


def test_a_missing_id_is_an_error_that_names_the_row() -> None:
    with pytest.raises(InputError, match="row 2"):
        _ids(parcel_id=["x", " ", "z"])


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (12.0, "12"),
        (np.float32(3.0), "3"),
        (1.5, "1.5"),
        (" a ", "a"),
        ("12.0", "12.0"),
        ("", None),
        (None, None),
        (np.nan, None),
        (pd.NA, None),
        (pd.NaT, None),
        (0, "0"),
    ],
)
def test_cells_as_text(cell: object, text: str | None) -> None:
    assert as_text(cell) == text


def test_everything_is_there_and_null_when_the_file_has_nothing() -> None:
    columns, notes = _columns(x=[1, 2])
    assert list(columns) == ["farmer_id", "declared_crop", *FACTS]
    assert columns.isna().all().all()
    assert str(columns["approved_minor"].dtype) == "Int64"
    assert columns["certified_area_ha"].dtype == np.float64
    assert columns["farmer_id"].tolist() == [None, None]
    assert notes.by_row == {}


def test_the_crop_found_in_a_survey_is_not_a_declaration() -> None:
    columns, _ = _columns(crop=["maize"], crop_name=["maize"], crop_code=[1200])
    assert columns["declared_crop"].tolist() == [None]


def test_declared_crops_become_keys_and_unknown_ones_are_said() -> None:
    columns, notes = _columns(Declared_Crop=["Winter wheat", "水稻", "dragon fruit", None])
    assert columns["declared_crop"].tolist() == ["wheat", "rice", None, None]
    assert notes.by_row == {2: ["declared_crop 'dragon fruit' is not understood and was left out"]}


def test_farmers_keep_their_numbers_without_decimals() -> None:
    columns, _ = _columns(farmer_id=[1001.0, np.nan])
    assert columns["farmer_id"].tolist() == ["1001", None]


def test_facts_are_read_and_nonsense_is_said() -> None:
    columns, notes = _columns(
        land_right=["Certificate", "流转", "rumour"],
        certified_area_ha=["1.25", None, "-3"],
        other_debt_minor=[120_000, 1.5, "abc"],
        approved_minor=[9_007_199_254_740_993, 0, None],
    )
    assert columns["land_right"].tolist() == ["certificate", "lease", None]
    assert columns["certified_area_ha"].tolist() == pytest.approx([1.25, np.nan, np.nan], nan_ok=True)
    assert columns["other_debt_minor"].tolist() == [120_000, pd.NA, pd.NA]
    assert columns["approved_minor"].tolist()[1:] == [0, pd.NA]
    assert {row: len(lines) for row, lines in notes.by_row.items()} == {1: 1, 2: 3}


def test_facts_of_a_card_are_read_from_long_names_and_from_a_shapefiles() -> None:
    columns, notes = _columns(
        facility_year=[1, 5.0, 0], crop_insurance_minor=[120, None, "x"], term_loan_minor=["70000", 0, -1]
    )
    assert columns["facility_year"].tolist() == [1, 5, pd.NA]
    assert columns["crop_insurance_minor"].tolist() == [120, pd.NA, pd.NA]
    assert columns["term_loan_minor"].tolist() == [70_000, 0, pd.NA]
    assert {row: len(lines) for row, lines in notes.by_row.items()} == {2: 3}
    short, _ = _columns(FACILITY_Y=[2], CROP_INSUR=[1], PERSONAL_I=[2], ASSET_INSU=[3], TERM_LOAN_=[4])
    assert short.iloc[0][list(FACTS[-5:])].tolist() == [2, 1, 2, 3, 4]


def test_whole_amounts_keep_every_digit() -> None:
    columns, _ = _columns(approved_minor=pd.array([9_007_199_254_740_993, None], dtype="Int64"))
    assert columns["approved_minor"][0] == 9_007_199_254_740_993


def test_areas_in_mu_become_hectares() -> None:
    columns, _ = _columns(cert_mu=[15.0, None], certified_area_ha=[None, 2.0])
    assert columns["certified_area_ha"].tolist() == pytest.approx([1.0, 2.0])
