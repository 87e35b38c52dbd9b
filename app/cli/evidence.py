"""The way down from a limit on the terminal: policy, model and mask, then parcels with pixels and dates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rich.cells import cell_len
from rich.console import Console

from app.cli.receipts import say
from geo.legend import load_legend
from scoring.receipts.evidence import Evidence, ParcelEvidence, RunEvidence
from scoring.receipts.explanation import Language
from scoring.receipts.limit import Limit

#: Columns that a label takes.
_LABEL: Final = 13

_EN: Final = {
    "rests_on": "What it rests on",
    "limit": "Limit",
    "run": "Run",
    "run_facts": "{run_id}, {created_on}, version {code_version}{simulated}",
    "plan": "Plan",
    "plan_facts": "sha256 {plan}, version {code_version}{simulated}",
    "earlier": "Earlier run",
    "earlier_facts": "{run_id}, season {season_id}: --run on its folder leads on",
    "simulated": ", SIMULATED",
    "season": "Season",
    "policy": "Policy",
    "not_in_force": ", not in force on the day of the run",
    "model": "Model",
    "none": "none",
    "mask": "Cloud mask",
    "rule": "a date counts where {share:.0%} of the parcel is clear; {least} dates are needed",
    "parcel": "Parcel {parcel_id}: {status}",
    "crop": "crop",
    "cycle": "cycle {cycle}",
    "declared": "; declared {crop}",
    "possible": ", possible: {crops}",
    "area": "area",
    "outline": "{area_ha:.4f} ha, outline {geometry_version}",
    "area_facts": "{area_ha:.4f} ha",
    "pixels": "pixels",
    "on_tile": "{pixels} on tile {tile}, weight {weight:.2f}",
    "dates": "dates",
    "counted": "{count} clear: {dates}",
    "scenes": "Scenes of these dates ({count} of the run's {of})",
    "baseline": "baseline {baseline}",
    "unnamed": "Dates whose scenes the record does not tell apart: {dates}",
}
_ZH: Final = {
    "rests_on": "依据",
    "limit": "额度",
    "run": "运行",
    "run_facts": "{run_id}，{created_on}，程序版本{code_version}{simulated}",
    "plan": "种植计划",
    "plan_facts": "sha256 {plan}，程序版本{code_version}{simulated}",
    "earlier": "以往运行",
    "earlier_facts": "{run_id}，季节{season_id}：以 --run 指向其文件夹可继续查看",
    "simulated": "，模拟数据",
    "season": "季节",
    "policy": "政策",
    "not_in_force": "，运行当日未生效",
    "model": "模型",
    "none": "无",
    "mask": "云掩膜",
    "rule": "地块晴空面积达{share:.0%}的日期计入，至少需要{least}个",
    "parcel": "地块 {parcel_id}：{status}",
    "crop": "作物",
    "cycle": "第{cycle}季",
    "declared": "；申报{crop}",
    "possible": "，可能为：{crops}",
    "area": "面积",
    "outline": "{area_ha:.4f}公顷，边界版本{geometry_version}",
    "area_facts": "{area_ha:.4f}公顷",
    "pixels": "像元",
    "on_tile": "瓦片{tile}上{pixels}个，权重{weight:.2f}",
    "dates": "日期",
    "counted": "晴空{count}个：{dates}",
    "scenes": "上述日期的影像（本次运行共{of}景，其中{count}景）",
    "baseline": "处理基线{baseline}",
    "unnamed": "记录中无法区分影像的日期：{dates}",
}
_WORDS: Final = {"en": _EN, "zh": _ZH}


def print_evidence(console: Console, limit: Limit, evidence: Evidence, language: Language) -> None:
    """Print what a limit rests on, from the policy down to pixels, dates and scenes."""
    words = _WORDS[language]
    say(console, words["rests_on"], style="bold")
    for name, text in _run_rows(limit, evidence.run, words):
        _row(console, name, text)
    for parcel in evidence.parcels:
        say(console, words["parcel"].format(parcel_id=parcel.parcel_id, status=parcel.status), style="bold")
        for name, text in _parcel_rows(parcel, words, language):
            _row(console, name, text)
    if evidence.run.plan is None:
        _print_scenes(console, evidence, words)


def _print_scenes(console: Console, evidence: Evidence, words: dict[str, str]) -> None:
    say(console, words["scenes"].format(count=len(evidence.scenes), of=evidence.scenes_of_run), style="bold")
    for scene in evidence.scenes:
        baseline = words["baseline"].format(baseline=scene.baseline or "-")
        say(console, f"  {scene.id}  {baseline}  sha256 {scene.hash}")
    unnamed = sorted({look.day for parcel in evidence.parcels for look in parcel.looks if not look.scenes})
    if unnamed:
        say(console, "  " + words["unnamed"].format(dates=", ".join(map(str, unnamed))))


def _row(console: Console, name: str, text: str) -> None:
    say(console, f"  {name}{' ' * max(1, _LABEL - cell_len(name))}{text}")


def _run_rows(limit: Limit, run: RunEvidence, words: dict[str, str]) -> Iterator[tuple[str, str]]:
    yield words["limit"], f"sha256 {limit.sha256}"
    what = "run" if run.plan is None else "plan"
    facts = {name: getattr(run, name) for name in ("run_id", "plan", "created_on", "code_version")}
    yield words[what], words[f"{what}_facts"].format(**facts, simulated=words["simulated"] if run.simulated else "")
    for each in run.earlier:
        yield words["earlier"], words["earlier_facts"].format(run_id=each.run_id, season_id=each.season_id)
    yield words["season"], run.season_id
    in_force = words["not_in_force"] if run.policy_in_force is False else ""
    yield words["policy"], f"{run.policy_id} {run.policy_version}, sha256 {run.policy_hash}{in_force}"
    if run.mask is not None:
        yield words["model"], f"sha256 {run.model_hash}" if run.model_hash else words["none"]
        masking = ", ".join(f"{name} {str(value).lower()}" for name, value in run.mask.masking.items())
        rule = words["rule"].format(share=run.mask.clear_share, least=run.mask.least_clear_dates)
        yield words["mask"], f"{masking}; {rule}"


def _parcel_rows(parcel: ParcelEvidence, words: dict[str, str], language: Language) -> Iterator[tuple[str, str]]:
    declared = words["declared"].format(crop=parcel.declared_crop) if parcel.declared_crop else ""
    yield words["crop"], _crop(parcel.crop, parcel.crop_prob, parcel.crop_set, words, language) + declared
    for each in parcel.cycles[1:]:
        said = _crop(each.crop, each.crop_prob, each.crop_set, words, language)
        yield words["cycle"].format(cycle=each.cycle), said
    outline = words["area_facts" if parcel.geometry_version is None else "outline"]
    yield words["area"], outline.format(area_ha=parcel.area_ha, geometry_version=parcel.geometry_version)
    if parcel.geometry_version is None:
        return
    for tile in parcel.tiles:
        yield words["pixels"], words["on_tile"].format(pixels=tile.pixels, tile=tile.tile, weight=tile.weight)
    dates = ", ".join(f"{look.day} ({look.clear_share:.0%})" for look in parcel.looks)
    yield words["dates"], words["counted"].format(count=len(parcel.looks), dates=dates or "-")


def _crop(
    key: str | None, prob: float | None, possible: tuple[str, ...], words: dict[str, str], language: Language
) -> str:
    names = ", ".join(_crop_name(crop, language) for crop in possible)
    said = "-" if key is None else _crop_name(key, language) + ("" if prob is None else f" {prob:.2f}")
    return said + (words["possible"].format(crops=names) if len(possible) != 1 and names else "")


def _crop_name(key: str, language: Language) -> str:
    crop = load_legend()[key]
    return crop.en if language == "en" else crop.zh
