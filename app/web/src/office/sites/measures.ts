/** What the latest looks measured, and what the type of a site adds: capacity, water, turbines. */
import { el } from "../../dom";
import { formatArea, formatDay, formatNumber, formatShare, localeOf } from "../../format";
import { factList, sheet, sheetCard, type Cell } from "../book/sheet";
import type { OfficeKey, OfficeSpeech } from "../words";
import { aside } from "./aside";
import { M2_PER_HA } from "./curve";
import type { SiteDetail, SiteMeasure, SitePage } from "./answers";

/** Measures in the order in which a site comes about. */
const MEASURES: readonly SiteMeasure[] = ["cleared_m2", "roads_m2", "panels_m2", "pads", "pads_elsewhere", "turbines", "water_m2", "panels_outside_m2", "canopy_in_panels_m2", "standing_water_m2", "burnt_m2", "built_near_m2"];

export function measuresCard(site: SitePage, speech: OfficeSpeech): HTMLElement {
  const { say } = speech;
  const rows = measureRows(site.detail, speech);
  const capacity = site.detail?.capacity ?? null;
  const extra = site.detail === null ? [] : extraFacts(site.detail, speech);
  const heads = [{ head: "sitesMeasure" }, { head: "sitesValue", figure: true }, { head: "sitesBounds", figure: true }, { head: "sitesDay" }, { head: "sitesClear", figure: true }] as const;
  return el(
    "section",
    { class: "card", id: "site-measures" },
    el("h2", {}, say("sitesMeasures")),
    rows.length === 0 ? el("p", { class: "empty" }, say("sitesNoMeasures")) : sheet(say("sitesMeasures"), heads, rows, speech),
    extra.length > 0 && factList(extra, speech),
    capacity !== null && capacityWhy(capacity, site.capacity_mw, speech),
  );
}

type Capacity = NonNullable<SiteDetail["capacity"]>;

/** What a range of capacity rests on: densities, where and of which stands they were reported, and by whom. */
export function capacityNotes({ low_by_ha, high_by_ha, source, checked, mounting, country }: Capacity, speech: OfficeSpeech): string[] {
  const { say, language } = speech;
  if (low_by_ha == null || high_by_ha == null || source == null) return [say("sitesCapacityBasis")];
  const where = country == null ? say("sitesWorld") : countryName(country, speech);
  const told = { low: formatNumber(low_by_ha, language, 2), high: formatNumber(high_by_ha, language, 2), where, how: say(`sitesMounting_${mounting ?? "unknown"}`), source };
  return [say("sitesCapacityBy", told), ...(checked === false ? [say("sitesUnchecked")] : [])];
}

/** That a plan lies outside its range is said at once; sources open on asking. */
export function capacityWhy(capacity: Capacity, plannedMw: number | null, speech: OfficeSpeech): HTMLElement {
  const [outside, notes] = [outsideNote(capacity, plannedMw, speech), capacityNotes(capacity, speech)];
  return el("div", { class: "site-capacity" }, outside !== null && el("p", { class: "site-note" }, outside), el("details", {}, el("summary", {}, speech.say("sitesCapacityWhy")), ...notes.map((note) => el("p", { class: "sub" }, note))));
}

export function capacityText({ low, high }: Pick<Capacity, "low" | "high">, { say, language }: OfficeSpeech): string {
  return say("sitesMegawatts", { n: say("sitesRange", { low: formatNumber(low, language, 1), high: formatNumber(high, language, 1) }) });
}

/** Where what is planned lies outside the range: an observation, no alert. */
export function outsideNote({ planned }: Pick<Capacity, "planned">, plannedMw: number | null, { say, language }: OfficeSpeech): string | null {
  if (plannedMw === null || (planned !== "above" && planned !== "below")) return null;
  return say(planned === "above" ? "sitesPlannedAbove" : "sitesPlannedBelow", { n: formatNumber(plannedMw, language, 1) });
}

/** Name of a country by its two letters, in the language of the page. */
export function countryName(code: string, { language }: OfficeSpeech): string {
  return new Intl.DisplayNames([localeOf(language)], { type: "region" }).of(code) ?? code;
}

function measureRows(detail: SiteDetail | null, speech: OfficeSpeech): Cell[][] {
  const { say, language } = speech;
  return MEASURES.flatMap((measure): Cell[][] => {
    const told = detail?.measures[measure];
    if (told === undefined) return [];
    const bounds = told.low === null || told.high === null ? null : say("sitesRange", { low: bare(measure, told.low, speech), high: amount(measure, told.high, speech) });
    return [[say(`sitesMeasure_${measure}`), amount(measure, told.value, speech), bounds, formatDay(told.day, language), formatShare(told.clear, language)]];
  });
}

/** Areas as hectares; pads and turbines as numbers with what is likely of the last one. */
export function amount(measure: SiteMeasure, value: number, speech: OfficeSpeech): string {
  return isArea(measure) ? speech.say("sitesHectares", { n: bare(measure, value, speech) }) : bare(measure, value, speech);
}

function bare(measure: SiteMeasure, value: number, { language }: OfficeSpeech): string {
  return isArea(measure) ? formatArea(value / M2_PER_HA, language) : formatNumber(value, language, 1);
}

const isArea = (measure: SiteMeasure): boolean => measure.endsWith("_m2");

function extraFacts(detail: SiteDetail, speech: OfficeSpeech): [OfficeKey, Cell][] {
  const { say, language } = speech;
  const { capacity, water, over_permit } = detail;
  const facts: [OfficeKey, Cell][] = [];
  if (capacity) facts.push(["sitesCapacityRange", capacityText(capacity, speech)]);
  if (water) facts.push(["sitesLevel", levelText(water, speech)], ["sitesWaterArea", waterArea(water, speech)]);
  if (over_permit) facts.push(["sitesOverPermit", say("sitesOverPermitSaid", { least: formatNumber(over_permit[0], language), seems: formatNumber(over_permit[1], language) })]);
  return facts;
}

/** "617.3 m (616.2 – 618.1) · 9 Nov 2026"; null: the plan has no curve, or the water lies beyond its ends. */
function levelText(water: NonNullable<SiteDetail["water"]>, speech: OfficeSpeech): string | null {
  const { say, language } = speech;
  if (water.level_m === null) return null;
  const metres = say("sitesMetres", { n: formatNumber(water.level_m, language, 1) });
  const [low, high] = [water.level_low_m, water.level_high_m].map((level) => (level === null ? "…" : formatNumber(level, language, 1)));
  return `${aside(metres, say("sitesRange", { low: low ?? "…", high: high ?? "…" }), speech)} · ${formatDay(water.day, language)}`;
}

function waterArea(water: NonNullable<SiteDetail["water"]>, speech: OfficeSpeech): string {
  const { say } = speech;
  const area = amount("water_m2", water.area_m2, speech);
  if (water.area_low_m2 === null || water.area_high_m2 === null) return area;
  return aside(area, say("sitesRange", { low: bare("water_m2", water.area_low_m2, speech), high: bare("water_m2", water.area_high_m2, speech) }), speech);
}

export function placesCard(site: SitePage, speech: OfficeSpeech): HTMLElement | null {
  if (site.kind !== "wind") return null;
  const { say, language } = speech;
  const chance = (share: number | null): Cell => (share === null ? el("span", { class: "missing" }, say("sitesNotShown")) : formatShare(share, language));
  const rows = (site.detail?.places ?? []).map(({ lon, lat, pad, tower }, at): Cell[] => [say("sitesPlaceN", { n: formatNumber(at + 1, language) }), `${formatNumber(lat, language, 5)}, ${formatNumber(lon, language, 5)}`, chance(pad), chance(tower)]);
  const card = sheetCard("sitesPlaces", "sitesNoPlaces", [{ head: "sitesPlaces" }, { head: "sitesPlace" }, { head: "sitesPad", figure: true }, { head: "sitesTower", figure: true }], rows, speech);
  card.id = "site-places";
  card.append(el("p", { class: "sub" }, say("sitesPlacesSub")));
  return card;
}
