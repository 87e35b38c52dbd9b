from __future__ import annotations

from pathlib import Path

import pytest

from geo.errors import InputError
from scoring.costs.mapping import load_survey_mapping

SHIPPED = Path("scoring/costs/data/bihar-rice-survey.toml")


@pytest.mark.parametrize(
    ("line", "instead", "said"),
    [
        ('column = "Acre"', 'colum = "Acre"', "'area.column' is missing"),
        ('unit = "acre"', 'unit = "bigha"', "'area.unit'"),
        ('crop = "rice"', 'crop = "paddy"', "not a crop of the legend"),
        ('crop = "rice"\n', "", "either crop"),
        ("price_per = 50\n", "", "price_per"),
        ("price = 1350", "price = 13.5", "as text"),
        ('within = "district"', 'within = "state"', "which is no group"),
        ('within = "district"', 'within = "block"', "within itself"),
        ("survey_format = 1", "survey_format = ", "not valid TOML"),
    ],
)
def test_a_mapping_loads_strictly(tmp_path: Path, line: str, instead: str, said: str) -> None:
    text = (Path(__file__).resolve().parents[3] / SHIPPED).read_text(encoding="utf-8")
    assert line in text
    file = tmp_path / "mine.toml"
    file.write_text(text.replace(line, instead, 1), encoding="utf-8")
    with pytest.raises(InputError, match=r"mine\.toml") as caught:
        load_survey_mapping(str(file))
    assert said in caught.value.message


def test_a_mapping_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(InputError, match="bihar-rice-survey"):
        load_survey_mapping("nowhere.toml")
