/** The energy site of a parcel in short: what it is, how it stands, what is built; its own page has the rest. */
import { el } from "../../dom";
import { formatDay } from "../../format";
import type { ParcelFile } from "../answers";
import { barText, progressBar } from "../sites/progressbar";
import { siteAddress } from "../sites/sieve";
import { kindTag, standingTag } from "../sites/standing";
import "../sites/sites.css";
import type { OfficeSpeech } from "../words";

export type SiteOnParcel = NonNullable<ParcelFile["site"]>;

export function siteSection(file: ParcelFile, site: SiteOnParcel, speech: OfficeSpeech): HTMLElement {
  const { say } = speech;
  const facts = siteFacts(site, speech);
  if (file.position !== null) facts.push([say("position"), `${file.position.lat.toFixed(5)}, ${file.position.lon.toFixed(5)}`]);
  const lines = facts.flatMap(([term, value]) => [el("dt", {}, term), el("dd", {}, value)]);
  return el(
    "section",
    { class: "card", id: "parcel-site", "aria-labelledby": "parcel-site-title" },
    el("h2", { id: "parcel-site-title" }, say("parcelSite")),
    el("dl", { class: "facts" }, ...lines),
    el("p", {}, el("a", { class: "onward", id: "to-site", href: siteAddress(file.parcel_id) }, say("sitesOnParcel"))),
  );
}

/** Type, standing, share built with its bounds, and as of when; the map's card says the same. */
export function siteFacts(site: SiteOnParcel, speech: OfficeSpeech): [string, Node | string][] {
  const { say, language } = speech;
  const watch = [site.as_of === null ? say("sitesNoWatch") : say("sitesAsOf", { day: formatDay(site.as_of, language) })];
  if (site.ended_on !== null) watch.push(say("sitesEnded", { day: formatDay(site.ended_on, language) }));
  const facts: [string, Node | string][] = [];
  if (site.name !== null) facts.push([say("parcelSiteNamed"), site.name]);
  facts.push([say("sitesKind"), kindTag(site.kind, speech)], [say("sitesStanding"), standingTag(site.standing, speech)], [say("parcelSiteBuilt"), built(site, speech)], [say("parcelSiteWatch"), watch.join(" · ")]);
  if (site.seen_on !== null) facts.push([say("sitesSeen"), formatDay(site.seen_on, language)]);
  return facts;
}

/** The bar, and its bounds in words: a phone shows no titles. */
function built(site: SiteOnParcel, speech: OfficeSpeech): HTMLElement {
  return el("span", { class: "parcel-built" }, progressBar(site, speech), el("span", { class: "sub", "aria-hidden": "true" }, barText(site, speech)));
}
