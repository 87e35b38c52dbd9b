/** The run at a glance: how much land, how much credit, how many visits, how far it is decided. */
import type { Run } from "./api";
import { el, styled } from "./dom";
import { areaIn, formatArea, formatMoney, formatNumber, type AreaUnit } from "./format";
import type { Speech } from "./i18n";
import { STATUS_STYLES } from "./palette";
import { swatch } from "./legend";

export function drawOverview(run: Run, speech: Speech): HTMLElement {
  const { say, language } = speech;
  const unit = run.area_unit as AreaUnit;
  const { totals } = run;
  const area = `${formatArea(areaIn(totals.area_ha, unit), language)} ${say(unit)}`;
  const hectares = unit === "ha" ? null : `${formatArea(totals.area_ha, language)} ${say("ha")}`;
  const range = totals.low && totals.high ? say("range", { low: formatMoney(totals.low, language), high: formatMoney(totals.high, language) }) : null;
  return el(
    "section",
    { class: "overview", "aria-label": say("overview") },
    el(
      "div",
      { class: "tiles" },
      tile(say("totalLimit"), totals.limit ? formatMoney(totals.limit, language) : say("limitNone"), range, totals.limit ? "wide" : "wide none"),
      tile(say("parcels"), formatNumber(totals.parcels, language), null),
      tile(say("area"), area, hectares),
      tile(say("needVisit"), formatNumber(totals.needs_visit, language), say("needVisitOf", { n: formatNumber(totals.parcels, language) })),
      tile(say("withoutAmount"), formatNumber(totals.without_amount, language), say("needVisitOf", { n: formatNumber(totals.parcels, language) })),
    ),
    el("h3", {}, say("outcomes")),
    outcomes(run, speech),
    el("p", { class: "note" }, say("pickHint")),
  );
}

function tile(label: string, value: string, under: string | null, kind = ""): HTMLElement {
  return el("div", { class: `tile ${kind}` }, el("span", { class: "tile-label" }, label), el("span", { class: "tile-value" }, value), under && el("span", { class: "sub" }, under));
}

function outcomes(run: Run, speech: Speech): HTMLElement {
  const rows = [...run.by_status].reverse().map(({ status, count }) =>
    el(
      "li",
      {},
      swatch(STATUS_STYLES[status]),
      el("span", { class: "legend-label" }, speech.say(status)),
      el("span", { class: "bar", "aria-hidden": "true" }, styled(el("i"), { width: `${(100 * count) / run.totals.parcels}%`, background: STATUS_STYLES[status].colour })),
      el("span", { class: "legend-count" }, formatNumber(count, speech.language)),
    ),
  );
  return el("ul", { class: "legend-rows outcomes" }, ...rows);
}
