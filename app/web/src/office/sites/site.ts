/** One site: how it stands against its plan, what images show, and what can be done about it. */
import "./sites.css";
import { ApiError } from "../../api";
import { el } from "../../dom";
import { formatDay } from "../../format";
import type { Draw, Office, Shown } from "../office";
import type { SitePage, SitePictures } from "./answers";
import { pictures, site as askSite } from "./asking";
import { alertsCard, milestonesCard, planCard, redLinesCard, unseenCard, watchesCard } from "./facts";
import { measuresCard, placesCard } from "./measures";
import { metersCard } from "./meters";
import { progressSection } from "./progress";
import { reportsCard } from "./reports";
import { EVERY_SITE, sieveAddress } from "./sieve";
import { picturesSection } from "./slider";
import { kindTag, standingTag } from "./standing";
import { summaryOf } from "./summary";
import { stopText, watchingCard } from "./watching";

export async function sitePage(office: Office, id: string, signal: AbortSignal): Promise<Draw> {
  const [site, shown] = await Promise.all([askSite(office.client, id, signal), pictures(office.client, id, signal).catch(refused)]);
  return () => page(office, site, shown, signal);
}

/** A damaged list of pictures takes the rest of the page not away. */
function refused(error: unknown): ApiError {
  if (error instanceof ApiError && error.problem.code.startsWith("FILE_")) return error;
  throw error;
}

function page(office: Office, site: SitePage, shown: SitePictures | ApiError, signal: AbortSignal): Shown {
  const { speech } = office;
  const progress = progressSection(site, speech);
  const element = el(
    "div",
    {},
    heading(office, site),
    el(
      "div",
      { class: "parcel-columns site-columns" },
      el("div", {}, progress.element, alertsCard(site, speech), picturesSection(site, shown, speech), milestonesCard(site, speech), measuresCard(site, speech), placesCard(site, speech), watchesCard(site, speech)),
      el("div", {}, reportsCard(office, site, signal), planCard(site, speech), redLinesCard(site, speech), metersCard(office, site), unseenCard(site, speech), watchingCard(office, site)),
    ),
  );
  return { title: `${speech.say("sitesSite")} ${site.name ?? site.site_id}`, element, leave: progress.takeDown };
}

function heading({ speech }: Office, site: SitePage): HTMLElement {
  const { say, language } = speech;
  const asOf = site.as_of === null ? say("sitesNoWatch") : say("sitesAsOf", { day: formatDay(site.as_of, language) });
  const facts = [site.name === null ? null : site.site_id, site.unit_name, asOf].filter((fact) => fact !== null);
  const stop = site.stops.find(({ resumed_at }) => resumed_at === null);
  return el(
    "div",
    { class: "page-head" },
    el("a", { class: "onward", href: sieveAddress(EVERY_SITE) }, `← ${say("sitesBack")}`),
    el("h1", { tabindex: -1 }, el("span", { class: "kicker" }, say("sitesSite")), ` ${site.name ?? site.site_id}`),
    kindTag(site.kind, speech),
    standingTag(site.standing, speech),
    site.ended_on !== null && el("span", { class: "badge" }, say("sitesEnded", { day: formatDay(site.ended_on, language) })),
    site.simulated && el("span", { class: "badge" }, say("simulated")),
    el("p", { class: "sub areas" }, ...facts.map((fact) => el("span", {}, fact))),
    el("p", { class: "site-summary", id: "site-summary" }, summaryOf(site, speech)),
    stop !== undefined && el("p", { class: "site-note" }, stopText(stop, speech)),
  );
}
