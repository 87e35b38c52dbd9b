"""Words of letters in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from scoring.receipts.explanation import Language
from scoring.wording.texts import Text

_SAY: Final[Mapping[str, Text]] = {
    "farmer_title": Text(en="Your credit limit", zh="授信额度告知书"),
    "committee_title": Text(en="Credit limit: receipt for the credit committee", zh="授信额度测算单（供贷审会）"),
    "to": Text(en="To {name}", zh="{name}："),
    "parcel": Text(en="Plot", zh="地块"),
    "farmer": Text(en="Customer", zh="客户"),
    "season": Text(en="Season", zh="季节"),
    "season_span": Text(en="{start} to {end}", zh="{start}至{end}"),
    "policy": Text(en="Rules", zh="规则"),
    "amount": Text(en="Highest loan by the rules of our bank", zh="按本行规则的最高贷款额"),
    "limit": Text(en="Limit", zh="授信额度"),
    "no_amount": Text(en="No amount can be given yet", zh="暂无法给出额度"),
    "range": Text(en="Range: {low} to {high}", zh="区间：{low}至{high}"),
    "visit": Text(en="A visit is needed.", zh="需要实地走访。"),
    "reasons": Text(en="Why", zh="原因"),
    "principal": Text(en="Principal reasons", zh="主要理由"),
    "changes": Text(en="What would change it", zh="怎样才会变"),
    "rests_on": Text(en="What this rests on", zh="依据"),
    "objection": Text(en="If you do not agree", zh="如果您不同意"),
    "objection_of": Text(en="What the customer is told about objecting", zh="告知客户的异议途径"),
    "conditions": Text(en="To be confirmed by a person before approval", zh="审批前须由人员确认"),
    "reference": Text(en="Reference", zh="备查"),
    "clear_days": Text(
        en="Satellite pictures showed the land clear on {count} days between {first} and {last}.",
        zh="从{first}到{last}，卫星图片有{count}天看清了土地。",
    ),
    "before_season": Text(
        en="The amount rests on the plan for the season and on what satellite pictures showed before, {spans}.",
        zh="额度依据本季种植计划和以往的卫星图片（{spans}）。",
    ),
    "no_clear_days": Text(en="No satellite picture showed the land clear.", zh="没有一天的卫星图片看清了土地。"),
    "imagery": Text(
        en="The pictures contain modified Copernicus Sentinel data {years}.",
        zh="图片含经修改的哥白尼哨兵数据（Contains modified Copernicus Sentinel data {years}）。",
    ),
    "imagery_simulated": Text(
        en="The pictures were simulated for a demonstration; no satellite took them.",
        zh="图片是为演示而模拟的，并非卫星拍摄。",
    ),
    "no_contract": Text(
        en="This letter is no loan contract. What you may draw stands in your contract with the bank.",
        zh="本函不是贷款合同，可支用的金额以您与本行签订的合同为准。",
    ),
    "automated": Text(
        en="The amount was worked out by a computer program under the rules named above.",
        zh="本额度由计算机程序按上述规则测算。",
    ),
    "simulated": Text(en="SIMULATED DATA: no real land, person or loan", zh="模拟数据：并非真实的土地、人员或贷款"),
    "example": Text(en="EXAMPLE: these rules were approved by no bank", zh="示例：本规则未经任何银行批准"),
    "not_in_force": Text(
        en="The rules were not in force on the day of the run", zh="运行当日本规则未生效"
    ),
    "lines": Text(en="Lines of the receipt", zh="测算明细"),
    "effect": Text(en="Effect", zh="增减"),
    "running": Text(en="Amount", zh="金额"),
    "text": Text(en="Line", zh="说明"),
    "pictures": Text(en="Pictures", zh="图示"),
    "ground_picture": Text(
        en="The plots from above ({names}): median of the clear pictures of the season, pixels of 10 m.",
        zh="地块俯视图（{names}）：本季晴空影像的中值合成，像元10米。",
    ),
    "curve_picture": Text(
        en="Greenness (NDVI) of the plots over the season ({names}). Hollow marks: partly cloudy.",
        zh="地块本季绿度曲线（NDVI，{names}）；空心点为部分有云。",
    ),
    "parcels": Text(en="Plots", zh="地块"),
    "status": Text(en="Status", zh="状态"),
    "crop": Text(en="Crop, best guess", zh="作物（最可能）"),
    "area": Text(en="Area, ha", zh="面积（公顷）"),
    "pixels": Text(en="Pixels", zh="像元"),
    "dates": Text(en="Clear dates", zh="晴空日期"),
    "run": Text(en="Run", zh="运行"),
    "run_facts": Text(en="{run_id}, {day}, Acreline {version}", zh="{run_id}，{day}，Acreline {version}"),
    "plan": Text(en="Hash of the plan", zh="种植计划哈希"),
    "earlier": Text(en="Earlier run", zh="以往运行"),
    "planned": Text(en="Crop", zh="作物"),
    "footer_plan": Text(en="{subject} · plan {plan}", zh="{subject} · 种植计划{plan}"),
    "policy_hash": Text(en="Hash of the rules", zh="规则哈希"),
    "limit_hash": Text(en="Hash of the limit", zh="额度哈希"),
    "model_hash": Text(en="Hash of the model", zh="模型哈希"),
    "mask": Text(en="Cloud mask", zh="云掩膜"),
    "mask_rule": Text(
        en="{masking}; a date counts where {share:.0%} of the plot is clear; {least} dates are needed",
        zh="{masking}；地块晴空面积达{share:.0%}的日期计入，至少需要{least}个",
    ),
    "scenes": Text(en="Scenes", zh="影像"),
    "scenes_used": Text(en="{count} on the clear dates, of {of} read", zh="晴空日期{count}景，共读取{of}景"),
    "replay": Text(
        en="acreline limits replay {subject} --run DIR gives this limit again",
        zh="acreline limits replay {subject} --run DIR 可重现本额度",
    ),
    "footer": Text(en="{subject} · run {run_id}", zh="{subject} · 运行{run_id}"),
}  # fmt: skip


def word(key: str, language: Language, **facts: object) -> str:
    """A text of letters with its facts."""
    return str(getattr(_SAY[key], language)).format_map(facts)
