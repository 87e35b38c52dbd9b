from __future__ import annotations

import pytest

from geo.errors import InputError
from scoring.pack_tranches import NEEDS
from scoring.policy import load_pack, pack_text, parse_pack, template_text


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('share = "0.20"\nneeds', 'share = "0.21"\nneeds', r"'tranches': the shares add up to 1\.01, not to 1"),
        ('key = "harvest"', 'key = "growth"', r"'tranches': holds 'growth' twice"),
        ('needs = "crop_seen"', 'needs = "plan"', r"needs less than an earlier one"),
        ('needs = "crop_seen"', 'needs = "harvested"', r"'tranches\.2\.needs'"),
        ('needs = "plan"', 'needs = "plan"\nby_day = 30\n', None),
        ('needs = "plan"', 'needs = "plan"\nby_day = -1\n', r"'tranches\.0\.by_day'"),
        ('share = "0.20"\nneeds', "share = 0.20\nneeds", r"write 0\.2 as text"),
    ],
)
def test_tranches_hang_together(old, new, said):
    text = pack_text("cn-planting-generic")[1]
    assert old in text
    if said is None:
        assert parse_pack(text.replace(old, new), "bank.toml").tranches[0].by_day == 30
        return
    with pytest.raises(InputError, match=said):
        parse_pack(text.replace(old, new), "bank.toml")


def test_later_days_do_not_come_first():
    text = pack_text("cn-planting-generic")[1].replace('needs = "plan"', 'needs = "plan"\nby_day = 90')
    with pytest.raises(InputError, match="a later tranche has an earlier by_day"):
        parse_pack(text.replace('needs = "sown"', 'needs = "sown"\nby_day = 30'), "bank.toml")


def test_a_pack_without_tranches_says_nothing_of_them_in_its_hash():
    text = pack_text("in-kcc-2018")[1]
    assert parse_pack("tranches = []\n" + text, "bank.toml").content_hash == load_pack("in-kcc-2018").content_hash
    assert load_pack("in-kcc-2018").tranches == ()


def test_the_template_and_the_example_pack_show_tranches():
    pack = parse_pack(template_text("planting").replace("#opt by_day", "by_day"), "our-bank-2027.toml")
    assert [(tranche.key, tranche.needs, tranche.by_day) for tranche in pack.tranches] == [
        ("preparation", "plan", None), ("growth", "sown", 120),
    ]  # fmt: skip
    needs = [tranche.needs for tranche in load_pack("cn-planting-generic").tranches]
    assert needs == ["plan", "sown", "crop_seen"]
    assert set(needs) < set(NEEDS)
