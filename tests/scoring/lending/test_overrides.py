from __future__ import annotations

import pytest
from pydantic import ValidationError

from geo.errors import InputError
from scoring.lending.overrides import Change, Past, require_override
from scoring.pack_overrides import Overrides
from scoring.policy import load_pack

TITLE = {"en": "t", "zh": "题"}
BOUNDS = {"most_change": "0.20", "most_share": "0.10", "days": 90, "least_decisions": 20}
PACK = load_pack("cn-planting-generic").model_copy(
    update={"overrides": Overrides.model_validate(BOUNDS | {"reasons": [{"code": "FACTS", "title": TITLE}]})}
)
CHANGE = Change(1_000, 900, "FACTS", "seen")


@pytest.mark.parametrize("to", [800, 999, 1_001, 1_200])
def test_within_the_share_of_the_figure(to: int):
    require_override(PACK, Change(1_000, to, "FACTS", "seen"), Past(0, 0))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (Change(1_000, 799, "FACTS", "seen"), "OVERRIDE_TOO_FAR"),
        (Change(1_000, 1_201, "FACTS", "seen"), "OVERRIDE_TOO_FAR"),
        (Change(None, 1, "FACTS", "seen"), "OVERRIDE_TOO_FAR"),
        (Change(0, 1, "FACTS", "seen"), "OVERRIDE_TOO_FAR"),
        (Change(1_000, 1_000, "FACTS", "seen"), "OVERRIDE_NOTHING"),
        (Change(1_000, 900, "OTHER", "seen"), "OVERRIDE_REASON"),
        (Change(1_000, 900, "FACTS", "\n"), "REASON_EMPTY"),
    ],
)
def test_what_the_pack_does_not_allow(change: Change, code: str):
    with pytest.raises(InputError) as caught:
        require_override(PACK, change, Past(0, 0))
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("past", "refused"), [(Past(18, 18), False), (Past(19, 1), False), (Past(19, 2), True), (Past(99, 9), False)]
)
def test_the_share_counts_from_the_least_number_of_decisions(past: Past, refused: bool):
    if refused:
        with pytest.raises(InputError, match="3 of 20 decisions within 90 days would be overrides"):
            require_override(PACK, CHANGE, past)
    else:
        require_override(PACK, CHANGE, past)


def test_without_the_section_none_is_allowed():
    with pytest.raises(InputError, match=r"no section \[overrides\]"):
        require_override(PACK.model_copy(update={"overrides": None}), CHANGE, Past(0, 0))


def test_reasons_come_once_each():
    with pytest.raises(ValidationError, match="'FACTS' twice"):
        Overrides.model_validate(BOUNDS | {"reasons": [{"code": "FACTS", "title": TITLE}] * 2})
    with pytest.raises(ValidationError, match="at least 1 item"):
        Overrides.model_validate(BOUNDS | {"reasons": []})
