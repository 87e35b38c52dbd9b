/** Sites as a table that is sorted by its heads; narrow screens fold the facts under the name. */
import { el } from "../../dom";
import { formatDay, formatNumber } from "../../format";
import { daysAway } from "../figures";
import type { OfficeKey, OfficeSpeech } from "../words";
import type { SiteRow } from "./answers";
import { aside } from "./aside";
import { failureShort } from "./failures";
import { progressBar } from "./progressbar";
import { COLUMNS, inOrder, siteAddress, sortedBy, type SiteColumn, type SiteSieve } from "./sieve";
import { kindTag, standingTag } from "./standing";

const HEADS: Record<SiteColumn, OfficeKey> = { site: "sitesSite", kind: "sitesKind", standing: "sitesStanding", progress: "sitesProgress", seen: "sitesSeen", next: "sitesNext", alerts: "sitesAlerts" };
/** Columns that narrow screens fold under the name. */
const WIDE: ReadonlySet<SiteColumn> = new Set<SiteColumn>(["kind", "seen", "next"]);
const DAY_MS = 86_400_000;

/** The table; `sorted` is told of another order. */
export function siteTable(sites: readonly SiteRow[], sieve: SiteSieve, asOf: string | null, speech: OfficeSpeech, sorted: (sieve: SiteSieve) => void): HTMLElement {
  const heads = COLUMNS.map((column) => head(column, sieve, speech, sorted));
  const rows = inOrder(sites, sieve).map((site) => row(site, asOf, speech));
  const table = el("table", { class: "alerts-table sites-table" }, el("caption", { class: "unseen" }, speech.say("sites")), el("thead", {}, el("tr", {}, ...heads)), el("tbody", {}, ...rows));
  table.addEventListener("keydown", walk);
  return table;
}

function head(column: SiteColumn, sieve: SiteSieve, { say }: OfficeSpeech, sorted: (sieve: SiteSieve) => void): HTMLElement {
  const here = sieve.sort === column;
  const order = here ? (sieve.down ? "descending" : "ascending") : "none";
  const arrow = here && el("span", { class: "site-arrow", "aria-hidden": "true" }, sieve.down ? "▼" : "▲");
  const button = el("button", { type: "button", id: `sort-${column}`, class: "link", onclick: () => sorted(sortedBy(sieve, column)) }, say(HEADS[column]), arrow);
  return el("th", { scope: "col", class: classOf(column), "aria-sort": order }, button);
}

function row(site: SiteRow, asOf: string | null, speech: OfficeSpeech): HTMLElement {
  const { language } = speech;
  const seen = site.seen_on === null ? null : formatDay(site.seen_on, language);
  const next = nextText(site, asOf, speech);
  return el(
    "tr",
    { "data-site": site.site_id },
    el(
      "th",
      { scope: "row" },
      el("a", { class: "parcel-link", href: siteAddress(site.site_id) }, site.name ?? site.site_id),
      el("span", { class: "sub" }, [site.name === null ? null : site.site_id, site.unit_name].filter(Boolean).join(" · ")),
      el("span", { class: "sub narrow" }, kindTag(site.kind, speech)),
      el("span", { class: "sub narrow" }, speech.say("sitesNextLine", { what: next })),
    ),
    el("td", { class: "wide" }, kindTag(site.kind, speech)),
    el("td", {}, standingTag(site.standing, speech), ...remarks(site, speech).map((remark) => el("span", { class: "sub site-remark" }, remark))),
    el("td", {}, progressBar(site, speech)),
    el("td", { class: "wide" }, seen ?? el("span", { class: "missing" }, speech.say("unknown"))),
    el("td", { class: "wide" }, next),
    el("td", { class: "figure" }, site.alerts === 0 ? el("span", { class: "missing" }, formatNumber(0, language)) : formatNumber(site.alerts, language)),
  );
}

/** Why a site was not seen, and that it is no longer watched. */
export function remarks({ standing, unseen_because, as_of, ended_on }: Pick<SiteRow, "standing" | "unseen_because" | "as_of" | "ended_on">, speech: OfficeSpeech): string[] {
  const { say, language } = speech;
  const why = unseen_because !== null ? failureShort(unseen_because, speech) : standing === "unseen" && as_of === null ? say("sitesShort_notWatched") : null;
  const ended = ended_on === null ? null : say("sitesEnded", { day: formatDay(ended_on, language) });
  return [why, ended].filter((remark) => remark !== null);
}

/** "Complete, 30 June 2026 (in 12 days)": how far it is counts from the day that the list is of. */
export function nextText({ next }: Pick<SiteRow, "next">, asOf: string | null, speech: OfficeSpeech): string {
  const { say, language } = speech;
  if (next === null) return say("sitesAllReached");
  const text = say("sitesNextDue", { what: say(`sitesMilestone_${next.kind}`), day: formatDay(next.due, language) });
  return asOf === null ? text : aside(text, daysAway(daysBetween(asOf, next.due), speech), speech);
}

export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS);
}

function classOf(column: SiteColumn): string {
  return [WIDE.has(column) && "wide", column === "alerts" && "figure"].filter(Boolean).join(" ");
}

/** Up and down move to the link of the next row. */
function walk(event: KeyboardEvent): void {
  const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  const line = event.target instanceof HTMLElement ? event.target.closest("tbody tr") : null;
  if (step === 0 || !line) return;
  const next = step > 0 ? line.nextElementSibling : line.previousElementSibling;
  next?.querySelector<HTMLElement>("a")?.focus();
  event.preventDefault();
}
