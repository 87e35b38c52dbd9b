/** What is planned on a site, and what else is known of it: lists and tables of the page. */
import { el } from "../../dom";
import { formatArea, formatDay, formatNumber, formatShare } from "../../format";
import { levelTag } from "../alerts/parts";
import { factList, sheetCard, type Cell } from "../book/sheet";
import { facilityAddress } from "../farmers/address";
import { parcelAddress } from "../parcel/address";
import type { OfficeKey, OfficeSpeech } from "../words";
import type { SiteMilestone, SitePage } from "./answers";
import { capacityText, capacityWhy, countryName } from "./measures";
import { standingTag } from "./standing";
import { progressBar } from "./progressbar";
import { daysBetween } from "./table";

export function planCard(site: SitePage, speech: OfficeSpeech): HTMLElement {
  const { say, language } = speech;
  const ground = site.ground_capacity;
  const hectares = (area: number): string => say("sitesHectares", { n: formatArea(area, language) });
  const facts: [OfficeKey, Cell][] = [
    ["sitesKind", say(`sitesKind_${site.kind}`)],
    ["sitesUnit", site.unit_name],
    ["sitesFacility", site.facility === null ? null : el("a", { href: facilityAddress(site.facility) }, say("sitesToFacility", { number: site.facility }))],
    ["sitesPermits", site.permits.length === 0 ? say("sitesNoPermits") : site.permits.join(language === "zh" ? "；" : "; ")],
    ...(site.capacity_mw === null ? [] : [["sitesCapacity", say("sitesMegawatts", { n: formatNumber(site.capacity_mw, language, site.capacity_mw % 1 === 0 ? 0 : 1) })] as [OfficeKey, Cell]]),
    ...(site.kind === "solar" ? [["sitesMounting", say(`sitesMounting_${site.mounting ?? "unknown"}`)] as [OfficeKey, Cell]] : []),
    ...(site.country === null ? [] : [["sitesCountry", countryName(site.country, speech)] as [OfficeKey, Cell]]),
    ["sitesArea", hectares(site.area_ha)],
    ...(ground === null ? [] : [["sitesGroundCapacity", capacityText(ground, speech)] as [OfficeKey, Cell]]),
    ...(site.kind === "wind" ? [["sitesPoints_wind", formatNumber(site.points.length, language)] as [OfficeKey, Cell]] : [["sitesBuiltHa", site.built_ha === null ? null : hectares(site.built_ha)] as [OfficeKey, Cell]]),
    ["sitesCompleteDue", formatDay(site.complete_due, language)],
    ["sitesPlace", `${formatNumber(site.lat, language, 5)}, ${formatNumber(site.lon, language, 5)}`],
  ];
  return el("section", { class: "card", id: "site-plan" }, el("h2", {}, say("sitesFacts")), factList(facts, speech), ground !== null && capacityWhy(ground, site.capacity_mw, speech), el("p", {}, el("a", { class: "onward", href: parcelAddress(site.site_id) }, say("sitesToParcel"))));
}

export function milestonesCard(site: SitePage, speech: OfficeSpeech): HTMLElement {
  const { say, language } = speech;
  const rows = site.milestones.map((each): Cell[] => [say(`sitesMilestone_${each.kind}`), formatDay(each.due, language), reachedText(each, site.as_of, speech), formatShare(each.draws, language)]);
  const card = sheetCard("sitesMilestones", "sitesNoMilestones", [{ head: "sitesMilestone" }, { head: "sitesDue" }, { head: "sitesReached" }, { head: "sitesDraws", figure: true }], rows, speech);
  card.id = "site-milestones";
  return card;
}

/** Between which looks it was reached; that it was not, and how late that is as of the watch. */
export function reachedText({ due, after, by }: Pick<SiteMilestone, "due" | "after" | "by">, asOf: string | null, { say, language }: OfficeSpeech): string {
  if (by !== null) return after === null ? say("sitesBy", { by: formatDay(by, language) }) : say("sitesBetween", { after: formatDay(after, language), by: formatDay(by, language) });
  const late = asOf === null ? 0 : daysBetween(due, asOf);
  return late > 0 ? say("sitesNotYetLate", { n: formatNumber(late, language) }) : say("sitesNotYet");
}

export function alertsCard(site: SitePage, speech: OfficeSpeech): HTMLElement {
  const { say, language } = speech;
  const lines = site.open_alerts.map((alert) =>
    el(
      "li",
      {},
      levelTag(alert.level, speech),
      el("span", { class: "line-body" }, el("a", { href: parcelAddress(site.site_id, alert.id), id: `site-alert-${alert.id}` }, speech.pick(alert.title)), el("span", { class: "sub" }, `${say("sitesSince", { day: formatDay(alert.opened_on, language) })} · ${say("sitesChanged", { day: formatDay(alert.changed_on, language) })}`)),
    ),
  );
  const body = lines.length === 0 ? el("p", { class: "empty" }, say("sitesNoAlerts")) : el("ul", { class: "lines" }, ...lines);
  return el("section", { class: "card", id: "site-alerts" }, el("h2", {}, say("sitesAlertsOf")), body);
}

export function watchesCard(site: SitePage, speech: OfficeSpeech): HTMLElement {
  const { language } = speech;
  const rows = site.watches.toReversed().map((watch): Cell[] => [formatDay(watch.as_of, language), standingTag(watch.standing, speech), progressBar(watch, speech), watch.seen_on === null ? null : formatDay(watch.seen_on, language)]);
  const card = sheetCard("sitesWatches", "sitesNoWatches", [{ head: "sitesWatchOf" }, { head: "sitesStanding" }, { head: "sitesProgress" }, { head: "sitesSeen" }], rows, speech);
  card.id = "site-watches";
  return card;
}

export function redLinesCard(site: SitePage, speech: OfficeSpeech): HTMLElement | null {
  if (site.red_lines.length === 0) return null;
  const { say, language } = speech;
  const lines = site.red_lines.map((line) => {
    const area = say("sitesRedArea", { n: say("sitesM2", { n: formatNumber(line.area_m2, language) }) });
    return el("li", {}, el("span", { class: "line-body" }, el("strong", {}, line.name ?? line.external_id), el("span", { class: "sub" }, `${say(`sitesRedKind_${line.kind}`)} · ${line.source}`), el("span", { class: "sub" }, area)));
  });
  return el("section", { class: "card", id: "site-red-lines" }, el("h2", {}, say("sitesRedLines")), el("ul", { class: "lines site-lines" }, ...lines));
}

export function unseenCard(site: SitePage, { say }: OfficeSpeech): HTMLElement | null {
  const unseen = site.detail?.unseen ?? [];
  if (unseen.length === 0) return null;
  return el("section", { class: "card", id: "site-unseen" }, el("h2", {}, say("sitesUnseen")), el("ul", { class: "plain" }, ...unseen.map((each) => el("li", {}, say(`sitesUnseen_${each}`)))));
}
