"""Words of observation reports in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app.db.tables.site_kinds import RedLineKind, SiteStandingKind
from geo.sites import SiteMeasure, SiteType
from scoring.alerts.notice_text import LEVELS
from scoring.receipts.explanation import Language
from scoring.sites.operation import Unseen
from scoring.sites.plan import MilestoneKind
from scoring.wording.texts import Text

_SAY: Final[Mapping[str, Text]] = {
    "title": Text(en="Observation report", zh="卫星观测报告"),
    "simulated": Text(en="SIMULATED IMAGERY: no satellite took these pictures", zh="模拟影像：并非卫星拍摄"),
    "draft": Text(en="DRAFT: this report is not on record", zh="草稿：本报告未登记"),
    "site": Text(en="Site", zh="项目"),
    "kind": Text(en="Type", zh="类型"),
    "unit": Text(en="Monitored by", zh="监测机构"),
    "facility": Text(en="Facility", zh="授信编号"),
    "permits": Text(en="Permits", zh="批准文件"),
    "capacity": Text(en="Planned capacity", zh="计划装机"),
    "capacity_mw": Text(en="{mw} MW", zh="{mw}兆瓦"),
    "ground": Text(en="Ground on record", zh="登记用地"),
    "ground_built": Text(
        en="{area} inside the border, {built} of it to be built on",
        zh="范围内{area}，其中计划建设{built}",
    ),
    "turbines_planned": Text(en="Planned turbines", zh="计划机组"),
    "as_of": Text(en="As of", zh="截至"),
    "none": Text(en="none stated", zh="未注明"),
    "standing_on": Text(en="Against its plan, as of {day}", zh="截至{day}与计划相比"),
    "built_share": Text(
        en="Built: {share} of the plan, by 90 % confidence {low} to {high}; latest look {day}.",
        zh="已建成计划的{share}（90%置信区间{low}至{high}），最近一次观测为{day}。",
    ),
    "planned_share": Text(en="Planned for that day: {share}.", zh="当日计划进度：{share}。"),
    "unseen_since": Text(
        en="Nothing was seen in the {days} days since: what was built in them is not in this report.",
        zh="此后{days}天没有观测，其间的建设未计入本报告。",
    ),
    "no_share": Text(
        en="A share cannot be stated: the plan does not say how much is to be built. What was measured stands below.",
        zh="无法给出进度：计划未说明建设规模。实测数值见下文。",
    ),
    "not_seen": Text(
        en="No image up to this day shows the site well enough to say anything of it (code {code}).",
        zh="截至当日没有足以判断的影像（代码{code}）。",
    ),
    "whole_capacity": Text(
        en="The plan does not state the ground to be built on; it was reckoned from the planned capacity, {least} to"
        " {most}.",
        zh="计划未注明建设用地面积，按计划装机推算为{least}至{most}。",
    ),
    "statement_title": Text(en="An observation, not a certificate", zh="观测记录，不是证明文件"),
    "statement": Text(
        en="This report says what satellite images show; nobody was on the site for it. Whether a milestone counts as"
        " reached and a draw-down is released is for the lender's engineer to judge, who signs below.",
        zh="本报告只陈述卫星影像所显示的情况，编制过程中没有人员到场。里程碑是否达成、能否放款，"
        "由贷款人的工程师判断并在下文签字。",
    ),
    "progress": Text(en="Progress against the plan", zh="进度与计划对比"),
    "chart": Text(
        en="Share of the plan that is built. Dashed: planned, with the milestones 1 to {count} of the table below."
        " Solid line and dots: as reported at each look; the shaded band holds the truth with 90 % confidence. Dotted"
        " upright: as of {day}.",
        zh="已建成占计划的比例。虚线：计划进度，数字1至{count}为下表中的里程碑；实线和圆点：历次观测报告的进度；"
        "阴影：90%置信区间；竖点线：截至日{day}。",
    ),
    "milestones": Text(en="Milestones", zh="里程碑"),
    "milestone": Text(en="Milestone", zh="里程碑"),
    "due": Text(en="Planned", zh="计划日期"),
    "reached": Text(en="Seen as reached", zh="观测达成"),
    "against": Text(en="Against the plan", zh="与计划相比"),
    "draws": Text(en="Draw-down", zh="放款比例"),
    "between": Text(en="between {after} and {by}", zh="{after}至{by}之间"),
    "by_first": Text(en="by {by}, the first look", zh="{by}前（首次观测）"),
    "not_reached": Text(en="not seen", zh="尚未观测到"),
    "in_time": Text(en="in time", zh="按期"),
    "late": Text(en="{least} to {most} days late", zh="晚{least}至{most}天"),
    "late_most": Text(en="{most} days late at most", zh="至多晚{most}天"),
    "overdue": Text(en="{days} days overdue", zh="逾期{days}天"),
    "not_due": Text(en="not due yet", zh="未到期"),
    "milestones_note": Text(
        en="A milestone was reached between the last look that does not show it and the first that does. Those seen"
        " as reached stand for {share} of the draw-downs.",
        zh="里程碑在最后一次未显示与首次显示的两次观测之间达成。观测已达成的里程碑对应{share}的放款。",
    ),
    "pictures": Text(en="Before and after", zh="前后影像"),
    "before": Text(en="Before: {day}", zh="施工前：{day}"),
    "after": Text(en="After: {day}", zh="最近：{day}"),
    "picture": Text(
        en="true colour, pixels of 10 m, {clear} clear. Scenes: {scenes}.",
        zh="真彩色，像元10米，晴空{clear}。影像：{scenes}。",
    ),
    "drawn_border": Text(en="Yellow: permitted border.", zh="黄线：批准范围。"),
    "drawn_points": Text(en="Yellow rings: planned places, numbered.", zh="黄圈：计划位置（编号）。"),
    "drawn_red": Text(en="Red dashes: red lines on the site.", zh="红虚线：场区内的红线范围。"),
    "no_pictures": Text(en="The run holds no clear picture of the site.", zh="本次运行没有该项目的清晰影像。"),
    "measures": Text(en="Latest measures", zh="最新实测"),
    "measure": Text(en="Measure", zh="指标"),
    "look": Text(en="Look", zh="观测日"),
    "value": Text(en="Value", zh="数值"),
    "interval": Text(en="90 % confidence", zh="90%置信区间"),
    "clear": Text(en="Clear", zh="晴空"),
    "holds": Text(
        en="What is built may hold {low} to {high} MW (direct current), where {planned} MW are planned: at least what"
        " whole plants hold in the mean of the world ({whole} MW/ha), at most what dense rows hold ({rows} MW/ha,"
        " mounting {mounting}). Both densities are reported figures; this is a range, not a measurement.",
        zh="已建部分可能容纳{low}至{high}兆瓦（直流），计划为{planned}兆瓦："
        "下限按全球电站平均密度（{whole}兆瓦/公顷），上限按密排阵列密度（{rows}兆瓦/公顷，支架类型{mounting}）。"
        "密度取自公开报道，此为范围，并非测量值。",
    ),
    "mounting": Text(en="Mounting", zh="支架"),
    "country": Text(en="Country", zh="国家"),
    "world": Text(en="the world", zh="全球"),
    "ground_capacity": Text(en="Capacity of that ground", zh="用地可容纳"),
    "ground_holds": Text(
        en="{low} to {high} MW (mounting {mounting}, densities of {where}: {least} to {most} MW/ha).",
        zh="{low}至{high}兆瓦（支架{mounting}，{where}密度{least}至{most}兆瓦/公顷）。",
    ),
    "ground_above": Text(
        en="The planned capacity lies above that: more is planned than such ground is reported to hold.",
        zh="计划装机高于该范围：超出公开报道中此类用地的容量。",
    ),
    "ground_below": Text(
        en="The planned capacity lies below that: the ground is larger than it is reported to take.",
        zh="计划装机低于该范围：用地大于公开报道中所需的面积。",
    ),
    "built_holds": Text(
        en="What is built may hold {low} to {high} MW (direct current), where {planned} MW are planned: at least"
        " {least} MW/ha, reported of whole plants of {where}, at most {most} MW/ha, reported of the densest (mounting"
        " {mounting}). This is a range of reported densities, not a measurement.",
        zh="已建部分可能容纳{low}至{high}兆瓦（直流），计划为{planned}兆瓦："
        "下限按{where}电站的报道密度（{least}兆瓦/公顷），上限按报道的最高密度（{most}兆瓦/公顷，支架{mounting}）。"
        "此为公开报道密度的范围，并非测量值。",
    ),
    "built_above": Text(
        en="The planned capacity lies above that, though all seems built. This is an observation and no alert.",
        zh="看似全部建成，但计划装机高于该范围。此为观测，不是预警。",
    ),
    "built_below": Text(
        en="The planned capacity lies below that: more ground is built on than it is reported to take. This is an"
        " observation and no alert.",
        zh="计划装机低于该范围：已建面积大于公开报道中所需的面积。此为观测，不是预警。",
    ),
    "density_sources": Text(
        en="Capacity is reckoned from reported densities: {sources}.",
        zh="容量按公开报道的密度推算：{sources}。",
    ),
    "density_unread": Text(en="Not each of these was read in the original.", zh="上述来源并非全部查阅原文。"),
    "mounting_unknown": Text(en="unknown", zh="未知"),
    "mounting_fixed": Text(en="fixed", zh="固定"),
    "mounting_tracking": Text(en="tracking", zh="跟踪"),
    "water_level": Text(
        en="By the site's own curve of level and area the water of {day} stands at {level} m ({low} to {high}).",
        zh="按项目自有的水位面积曲线，{day}水位为{level}米（{low}至{high}）。",
    ),
    "no_level": Text(
        en="No level can be stated for {day}: the plan holds no curve of level and area, or the area lies beyond its"
        " ends.",
        zh="{day}无法给出水位：计划没有水位面积曲线，或面积超出曲线范围。",
    ),
    "off_curve": Text(en="beyond the curve", zh="超出曲线"),
    "over_permit": Text(
        en="Pads beyond the planned places: {least} at least, {seems} as it looks.",
        zh="计划位置以外的机位平台：至少{least}处，看似{seems}处。",
    ),
    "places": Text(en="Turbines by planned place", zh="各计划机位"),
    "number": Text(en="No.", zh="编号"),
    "lon": Text(en="Longitude", zh="经度"),
    "lat": Text(en="Latitude", zh="纬度"),
    "pad": Text(en="Pad laid", zh="平台已建"),
    "tower": Text(en="Tower stands", zh="塔筒已立"),
    "not_shown": Text(en="not shown", zh="未能判断"),
    "places_note": Text(
        en="Chances, not certainties: masts, cranes and pylons look alike, and blades are not seen.",
        zh="以上为概率而非定论：测风塔、吊车和线塔看起来相似，且看不到叶片。",
    ),
    "alerts": Text(en="Open alerts", zh="未关闭的预警"),
    "no_alerts": Text(en="None was open on this day.", zh="当日没有未关闭的预警。"),
    "alert": Text(en="{level}: {title}, since {day}. {value}", zh="{level}：{title}，始于{day}。{value}"),
    "alert_least": Text(en="Measured {value}; expected at least {bound}.", zh="实测{value}，应不低于{bound}。"),
    "alert_most": Text(en="Measured {value}; let pass is {bound}.", zh="实测{value}，容许{bound}。"),
    "alert_value": Text(en="Measured {value}.", zh="实测{value}。"),
    "look_for": Text(en="To look for: {what}", zh="核查要点：{what}"),
    "why_red_line": Text(en="On ground inside a red line.", zh="位于红线范围内。"),
    "why_prior_use": Text(
        en="On ground whose use in the season before is protected.",
        zh="占用上一季属受保护用途的土地。",
    ),
    "red_lines": Text(en="Red lines on the site's ground", zh="场区涉及的红线"),
    "no_red_lines": Text(
        en="None of the red lines that the lender was given touches the site.",
        zh="贷款人掌握的红线均不涉及该项目。",
    ),
    "name": Text(en="Name", zh="名称"),
    "source": Text(en="Source", zh="来源"),
    "stated_on": Text(en="Stated on", zh="说明日期"),
    "shared_area": Text(en="On the site", zh="场区内面积"),
    "unseen": Text(en="What ten metres cannot see", zh="十米影像看不到的内容"),
    "meters": Text(en="Meter readings", zh="电表读数"),
    "meters_note": Text(en="As the source says; no image can confirm them.", zh="以来源说明为准，影像无法核实。"),
    "meters_empty": Text(en="None is on record. To be filled in:", zh="无登记读数，请填写："),
    "from": Text(en="From", zh="起"),
    "to": Text(en="To (counted)", zh="止（含）"),
    "energy": Text(en="Energy fed in, kWh", zh="上网电量（千瓦时）"),
    "signatures": Text(en="Signature of the lender's engineer", zh="贷款人工程师签字"),
    "signed_name": Text(en="Name and qualification", zh="姓名及资质"),
    "signed_seen": Text(en="Site visited on", zh="现场查看日期"),
    "signed_judgement": Text(en="Judgement on the milestones and the draw-down", zh="对里程碑和放款的意见"),
    "signed": Text(en="Signature", zh="签字"),
    "signed_on": Text(en="Date", zh="日期"),
    "method": Text(en="Method and limits", zh="方法与局限"),
    "imagery": Text(
        en="The pictures contain modified Copernicus Sentinel data {years}.",
        zh="图片含经修改的哥白尼哨兵数据（Contains modified Copernicus Sentinel data {years}）。",
    ),
    "imagery_simulated": Text(
        en="The images were simulated for a demonstration; no satellite took them.",
        zh="影像为演示而模拟，并非卫星拍摄。",
    ),
    "looks": Text(en="Looks and scenes", zh="观测与影像清单"),
    "no_looks": Text(en="No look told anything of the site.", zh="没有可用的观测。"),
    "scenes": Text(en="Scenes", zh="影像"),
    "reference": Text(en="Reference", zh="备查"),
    "watch": Text(en="Watch", zh="监测批次"),
    "run": Text(en="Run", zh="运行"),
    "rules": Text(en="Alert rules", zh="预警规则"),
    "version": Text(en="Program", zh="程序"),
    "model": Text(en="Model weights", zh="模型权重"),
    "plan": Text(en="Plan", zh="计划"),
    "facts_hash": Text(en="Hash of the facts", zh="事实哈希"),
    "again": Text(
        en="acreline sites report {site} --facts {digest} --language {lang} --out FILE writes this very file again.",
        zh="acreline sites report {site} --facts {digest} --language {lang} --out FILE 可重现本文件。",
    ),
    "footer": Text(en="{site} · as of {day} · facts {digest}", zh="{site} · 截至{day} · 事实{digest}"),
}  # fmt: skip

KINDS: Final[Mapping[SiteType, Text]] = {
    SiteType.SOLAR: Text(en="Solar power plant", zh="光伏电站"),
    SiteType.WIND: Text(en="Wind farm", zh="风电场"),
    SiteType.HYDRO: Text(en="Hydropower plant", zh="水电站"),
    SiteType.RESERVOIR: Text(en="Reservoir", zh="水库"),
}
STANDINGS: Final[Mapping[SiteStandingKind, Text]] = {
    SiteStandingKind.UNSEEN: Text(en="Not seen", zh="未观测到"),
    SiteStandingKind.ON_TRACK: Text(en="On track", zh="符合计划"),
    **{kind: LEVELS[kind] for kind in (SiteStandingKind.WATCH, SiteStandingKind.WARNING, SiteStandingKind.ACTION)},
}
MILESTONES: Final[Mapping[MilestoneKind, Text]] = {
    MilestoneKind.CLEARED: Text(en="Ground cleared", zh="场地清理"),
    MilestoneKind.BUILDING: Text(en="Being built", zh="开始建设"),
    MilestoneKind.COMPLETE: Text(en="Complete", zh="建成"),
    MilestoneKind.STEADY: Text(en="Complete and steady", zh="建成并稳定"),
}
MEASURES: Final[Mapping[SiteMeasure, Text]] = {
    SiteMeasure.CLEARED: Text(en="Ground bare or built on", zh="裸露或已建地面"),
    SiteMeasure.PANELS: Text(en="Ground under rows of panels", zh="光伏阵列占地"),
    SiteMeasure.PANELS_OUTSIDE: Text(en="Panels outside the border", zh="界外光伏阵列"),
    SiteMeasure.PADS: Text(en="Pads at planned places", zh="计划位置的平台数"),
    SiteMeasure.PADS_ELSEWHERE: Text(en="Pads elsewhere", zh="其他位置的平台数"),
    SiteMeasure.ROADS: Text(en="New roads of gravel", zh="新建碎石路"),
    SiteMeasure.TURBINES: Text(en="Towers at planned places", zh="计划位置的塔筒数"),
    SiteMeasure.WATER: Text(en="Water", zh="水面"),
    SiteMeasure.CANOPY_IN_PANELS: Text(en="Plants in the rows of panels", zh="阵列内植被"),
    SiteMeasure.STANDING_WATER: Text(en="Standing water", zh="场区积水"),
    SiteMeasure.BURNT: Text(en="Burnt ground", zh="过火地面"),
    SiteMeasure.BUILT_NEAR: Text(en="New building near the site", zh="周边新增建设"),
}
RED_LINES: Final[Mapping[RedLineKind, Text]] = {
    RedLineKind.FARMLAND: Text(en="farmland", zh="耕地"),
    RedLineKind.ECOLOGICAL: Text(en="ecological", zh="生态"),
    RedLineKind.OTHER: Text(en="other", zh="其他"),
}
UNSEEN: Final[Mapping[Unseen, Text]] = {
    Unseen.SOILING: Text(en="dust and dirt on panels", zh="组件积灰和污垢"),
    Unseen.OUTAGE: Text(en="outages, and whether anything runs", zh="停机以及设备是否运行"),
    Unseen.CRACKED_MODULES: Text(en="cracked or missing modules", zh="组件破裂或缺失"),
    Unseen.BLADE_DAMAGE: Text(en="damage to blades", zh="叶片损伤"),
    Unseen.GRID_CONNECTION: Text(en="the connection to the grid", zh="并网情况"),
    Unseen.POWER: Text(en="energy generated and delivered", zh="发电量和上网电量"),
    Unseen.WATER_DEPTH: Text(en="depth of the water", zh="水深"),
}


def say(key: str, language: Language, **facts: object) -> str:
    """A text of reports with its facts."""
    return str(getattr(_SAY[key], language)).format_map(facts)


def named(text: Text, language: Language) -> str:
    """A name in a language."""
    return text.en if language == "en" else text.zh
