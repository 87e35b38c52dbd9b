"""Alert rules: strict loading, a content hash, and what hangs together."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from geo.errors import InputError
from scoring.alerts.levels import Level
from scoring.alerts.rules import load_rules, parse_rules, rules_ids

CAUSES = {
    *("abrupt_loss", "not_sown", "late_sowing", "open_canopy", "early_harvest", "not_harvested", "slow_decline"),
    *("abandoned", "other_crop", "late_harvest", "several_crops", "flood", "two_crops", "construction"),
    *("clearing", "thinning"),
}

TEXT = """
rules_format = 1
id = "ours"
version = "1"
days_after_season = 30
title = { en = "Ours", zh = "本行" }

[scope]
regional_from = 0.6
own_to = 0.1
regional = { en = "All.", zh = "全部" }
own = { en = "One.", zh = "单个" }
unclear = { en = "Unclear.", zh = "不明" }

[confidence]
knots = [[0.0, 0.2], [0.5, 0.2], [1.0, 1.0]]
unknown = 0.5

[causes.smoke]
title = { en = "Smoke", zh = "烟" }
looks_for = { en = "Is there smoke?", zh = "有烟吗？" }
levels = { watch = 0.1, action = 0.5 }
prior = { watch = 0.3, action = 0.6 }
first_notice = "watch"
raise_after = 3
clear_after = 1
least_days = 5
margin = 0.05
saved_at_end = 0.5
"""


def test_the_shipped_rules_name_every_cause_and_accuse_nobody() -> None:
    rules = load_rules("growth-1")
    assert rules_ids() == ("growth-1", "sites-1")
    assert set(rules.causes) == CAUSES
    for rule in rules.causes.values():
        said = f"{rule.title.en} {rule.looks_for.en}".casefold()
        assert not any(word in said for word in ("fraud", "wilful", "blame", "default", "divert", "cheat"))


def test_the_hash_is_of_what_the_rules_say() -> None:
    rules = parse_rules(TEXT, "ours.toml")
    assert parse_rules(f"# another comment\n{TEXT}", "x").content_hash == rules.content_hash
    assert parse_rules(TEXT.replace("least_days = 5", "least_days = 6"), "x").content_hash != rules.content_hash


def test_a_level_without_a_number_does_not_occur() -> None:
    rule = parse_rules(TEXT, "ours.toml").cause("smoke")
    assert rule.levels.given() == {Level.WATCH: 0.1, Level.ACTION: 0.5}
    assert (rule.needed(Level.WATCH), rule.needed(Level.ACTION)) == (1, 3)


def test_what_a_confidence_is_worth_never_falls() -> None:
    worth = parse_rules(TEXT, "ours.toml").confidence.worth(np.array([0.0, 0.5, 0.75, 1.0, np.nan]))
    assert worth.tolist() == pytest.approx([0.2, 0.2, 0.6, 1.0, 0.5])


def test_a_bank_s_own_folder_wins(tmp_path: Path) -> None:
    own = TEXT.replace('id = "ours"', 'id = "growth-1"')
    (tmp_path / "growth-1.toml").write_text(own, encoding="utf-8")
    (tmp_path / "ours.toml").write_text(TEXT, encoding="utf-8")
    assert rules_ids(tmp_path) == ("growth-1", "ours", "sites-1")
    assert set(load_rules("growth-1", tmp_path).causes) == {"smoke"}
    assert load_rules(str(tmp_path / "ours.toml")).id == "ours"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("least_days = 5", "", "the key 'causes.smoke.least_days' is missing"),
        ("least_days = 5", "least_days = 5\nseverity = 1", "unknown key 'causes.smoke.severity'"),
        ("watch = 0.1", "alarm = 0.1", "unknown key 'causes.smoke.levels.alarm'"),
        ("watch = 0.1", "watch = 1.1", "'causes.smoke.levels.watch'"),
        ("watch = 0.1", 'watch = "0.1"', "'causes.smoke.levels.watch'"),
        ("watch = 0.1", "watch = 0.5", "do not rise"),
        ("watch = 0.3", "watch = 0.7", "'prior' falls"),
        ("watch = 0.3", "warning = 0.3", "'prior' must name the same levels"),
        ('first_notice = "watch"', 'first_notice = "info"', "'first_notice' lies below"),
        ("levels = { watch = 0.1, action = 0.5 }", "levels = {}", "'levels' is empty"),
        ("own_to = 0.1", "own_to = 0.7", "'own_to' must lie below"),
        ("[0.5, 0.2]", "[0.5, 0.1]", "never fall"),
        ("raise_after = 3", "raise_after = 0", "'causes.smoke.raise_after'"),
        ('id = "ours"', 'id = "Ours"', "'id'"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_by_name_and_key(old: str, new: str, said: str) -> None:
    assert old in TEXT
    with pytest.raises(InputError) as refused:
        parse_rules(TEXT.replace(old, new, 1), "ours.toml")
    assert "ours.toml" in str(refused.value)
    assert said in str(refused.value)


def test_what_is_not_there_is_refused_with_what_is(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Choose one of: growth-1"):
        load_rules("growth-9")
    with pytest.raises(InputError, match="does not exist"):
        load_rules("growth-1", tmp_path / "none")
    with pytest.raises(InputError, match="cannot be read"):
        load_rules(str(tmp_path / "none.toml"))
    with pytest.raises(InputError, match="is not valid TOML"):
        parse_rules("a = ", "ours.toml")
    (tmp_path / "other.toml").write_text(TEXT, encoding="utf-8")
    with pytest.raises(InputError, match="holds the rules 'ours'"):
        load_rules("other", tmp_path)
