/** Progress of a site in words, keys and figures around its chart. */
import { el } from "../../dom";
import { formatArea, formatDay, formatNumber, formatShare } from "../../format";
import { shareOr } from "../figures";
import { between } from "../parcel/season";
import type { Shown } from "../office";
import type { OfficeSpeech } from "../words";
import type { SitePage } from "./answers";
import { sentences } from "./aside";
import { failureRemedy, failureText } from "./failures";
import { lookPoints, M2_PER_HA, progressAxis, reportedAt, reportedOf, type LookPoint, type ProgressAxis } from "./curve";
import { nextText } from "./table";

type Section = Pick<Shown, "element"> & { takeDown: () => void };

export function progressSection(site: SitePage, speech: OfficeSpeech): Section {
  const { say, language } = speech;
  const [axis, looks] = [progressAxis(site), lookPoints(site)];
  const stops = [...new Set([...looks.map(({ seconds }) => seconds), ...axis.seconds.filter((_, at) => axis.share[at] != null)])].sort((one, other) => one - other);
  const label = say("sitesCurveLabel", { id: site.site_id, n: formatNumber(stops.length, language) });
  const host = el("div", { class: "chart site-chart", id: "site-chart", role: "group", tabindex: 0, "aria-label": label });
  const read = el("p", { class: "readout", "aria-live": "polite" }, say(stops.length > 0 ? "sitesCurveHint" : "sitesCurveNone"));
  const element = el(
    "section",
    { class: "card", "aria-labelledby": "site-curve" },
    el("h2", { id: "site-curve" }, say("sitesCurve")),
    figures(site, speech),
    failureNote(site, speech),
    note(site, speech),
    read,
    host,
    key(site, speech),
    stops.length > 0 && table(axis, looks, stops, speech),
  );
  const told = (at: number | null): void => read.replaceChildren(at === null ? say(stops.length > 0 ? "sitesCurveHint" : "sitesCurveNone") : readout(at, axis, looks, speech));
  return { element, takeDown: drawing(host, site, stops, told, read, speech) };
}

/** What draws charts is large, and comes with the first one; by then the page stands and the chart has its width. */
function drawing(host: HTMLElement, site: SitePage, stops: readonly number[], told: (at: number | null) => void, read: HTMLElement, speech: OfficeSpeech): () => void {
  let gone = false;
  let takeDown: () => void = () => undefined;
  const drawn = Promise.all([import("./chart"), new Promise(requestAnimationFrame)]).then(([{ drawProgress }]) => {
    if (!gone) takeDown = drawProgress(host, site, speech, stops, told);
  });
  drawn.catch(() => read.replaceChildren(speech.say("problem_unreachable")));
  return () => {
    gone = true;
    takeDown();
  };
}

/** Why the newest watch could not say how much is built, what helps, and for whom runs the watch its own words. */
function failureNote(site: SitePage, speech: OfficeSpeech): HTMLElement | null {
  const failure = site.detail?.failure ?? null;
  if (failure === null) return null;
  const own = el("details", {}, el("summary", {}, speech.say("sitesWatchSaid", { code: failure.code })), el("p", { lang: "en" }, failure.message));
  return el("div", { class: "site-note", id: "site-failure" }, el("p", {}, el("strong", {}, sentences([failureText(failure.code, speech)], speech)), " ", failureRemedy(failure.code, speech)), own);
}

/** What shares are of, where the plan does not state it itself. */
function note(site: SitePage, { say, language }: OfficeSpeech): HTMLElement | null {
  const hectares = (area: number): string => formatArea(area / M2_PER_HA, language);
  const whole = site.detail?.whole ?? null;
  if (whole?.basis === "capacity") return el("p", { class: "site-note" }, say("sitesOfCapacity", { low: hectares(whole.least), high: hectares(whole.most) }));
  const missing = site.seen_on !== null && site.share === null;
  return missing ? el("p", { class: "site-note" }, say("sitesCurveNoShare")) : null;
}

function figures(site: SitePage, speech: OfficeSpeech): HTMLElement {
  const { say, language } = speech;
  const bounds = site.low !== null && site.high !== null && range(site.low, site.high, speech);
  const values: [string, string, string | false][] = [
    [say("sitesBuiltNow"), shareOr(site.share, speech), bounds],
    [say("sitesPlannedNow"), shareOr(site.planned, speech), false],
    [say("sitesSeenNow"), site.seen_on === null ? say("unknown") : formatDay(site.seen_on, language), site.as_of !== null && say("sitesAsOf", { day: formatDay(site.as_of, language) })],
    [say("sitesNextNow"), nextText(site, null, speech), false],
  ];
  return el("dl", { class: "four" }, ...values.map(([term, value, more]) => el("div", {}, el("dt", {}, term), el("dd", {}, value, more && el("span", { class: "sub site-more" }, more)))));
}

function range(low: number, high: number, { say, language }: OfficeSpeech): string {
  return say("sitesRange", { low: formatShare(low, language), high: formatShare(high, language) });
}

export function readout(at: number, axis: ProgressAxis, looks: readonly LookPoint[], speech: OfficeSpeech): string {
  const { say, language } = speech;
  const day = formatDay(new Date(at * 1000).toISOString().slice(0, 10), language);
  const look = looks.find(({ seconds }) => seconds === at);
  const reported = reportedAt(axis, at);
  const planned = between(axis.seconds, axis.planned, at);
  const [measured, told] = [look && { measured: formatShare(look.share, language), clear: formatShare(look.clear, language) }, reported && shares(reported, speech)];
  const said = measured && told ? say("sitesReadout", { day, ...measured, ...told }) : told ? say("sitesReadoutOnly", { day, ...told }) : say("sitesReadoutMeasured", { day, measured: "", clear: "", ...measured });
  return planned === null ? said : `${said} · ${say("sitesReadoutPlanned", { planned: formatShare(planned, language) })}`;
}

function shares(reported: { low: number; share: number; high: number }, { language }: OfficeSpeech): Record<string, string> {
  return Object.fromEntries(Object.entries(reported).map(([name, share]) => [name, formatShare(share, language)]));
}

function key(site: SitePage, { say }: OfficeSpeech): HTMLElement {
  const [looks, reported] = [lookPoints(site).length > 0, reportedOf(site).length > 0];
  return el(
    "p",
    { class: "chart-key" },
    el("span", { class: "k-planned" }, say("sitesKeyPlanned")),
    reported && el("span", { class: "k-reported" }, say("sitesKeyReported")),
    reported && el("span", { class: "k-bounds" }, say("sitesKeyBand")),
    looks && el("span", { class: "k-look" }, say("sitesKeyLook")),
    looks && el("span", { class: "k-hollow" }, say("sitesKeyFaint")),
    el("span", { class: "k-due" }, say("sitesKeyDue")),
    site.milestones.some(({ by }) => by !== null) && el("span", { class: "k-reached" }, say("sitesKeyReached")),
    site.as_of !== null && el("span", { class: "k-as-of" }, say("sitesKeyAsOf")),
  );
}

function table(axis: ProgressAxis, looks: readonly LookPoint[], stops: readonly number[], speech: OfficeSpeech): HTMLElement {
  const { say, language } = speech;
  const lines = stops.map((at) => {
    const look = looks.find(({ seconds }) => seconds === at);
    const reported = reportedAt(axis, at);
    const planned = between(axis.seconds, axis.planned, at);
    const cells = [planned === null ? "" : formatShare(planned, language), look ? formatShare(look.share, language) : "", look ? formatShare(look.clear, language) : "", reported ? formatShare(reported.share, language) : "", reported ? range(reported.low, reported.high, speech) : ""];
    const day = formatDay(new Date(at * 1000).toISOString().slice(0, 10), language);
    return el("tr", {}, el("th", { scope: "row" }, day), ...cells.map((cell) => el("td", {}, cell)));
  });
  const heads = (["sitesDay", "sitesPlanned", "sitesMeasured", "sitesClear", "sitesReported", "sitesBounds"] as const).map((name) => el("th", { scope: "col" }, say(name)));
  const shown = el("table", { class: "figures" }, el("thead", {}, el("tr", {}, ...heads)), el("tbody", {}, ...lines));
  const frame = el("div", { class: "sheet-frame", role: "region", tabindex: 0, "aria-label": say("sitesFigures") }, shown);
  return el("details", {}, el("summary", {}, say("sitesFigures")), frame);
}
