/** All sites of a person's part of the book: counts, filters, map and table. */
import "./sites.css";
import { el } from "../../dom";
import { formatDay, formatNumber } from "../../format";
import type { Draw, Office, Shown } from "../office";
import type { SiteList } from "./answers";
import { sites } from "./asking";
import { countTiles, siteFilters } from "./filters";
import { mapCard } from "./mapcard";
import { askedOf, sieveAddress, siftsSites, type SiteSieve } from "./sieve";
import { siteTable } from "./table";

export async function siteList(office: Office, sieve: SiteSieve, signal: AbortSignal): Promise<Draw> {
  const list = await sites(office.client, askedOf(sieve), signal);
  // Another order needs no new answer; a change of language keeps it.
  let shown = sieve;
  return () => page(office, list, shown, signal, (changed) => (shown = changed));
}

function page(office: Office, list: SiteList, sieve: SiteSieve, signal: AbortSignal, keep: (sieve: SiteSieve) => void): Shown {
  const { speech } = office;
  const { say } = speech;
  const map = list.sites.length > 0 ? mapCard(office, list.sites, signal) : null;
  const host = el("div", { class: "sites-frame" });
  const sort = (sorted: SiteSieve): void => {
    keep(sorted);
    history.replaceState(history.state, "", sieveAddress(sorted));
    const focused = document.activeElement?.id ?? "";
    host.replaceChildren(siteTable(list.sites, sorted, list.as_of, speech, sort));
    document.getElementById(focused)?.focus({ preventScroll: true });
  };
  host.append(list.sites.length > 0 ? siteTable(list.sites, sieve, list.as_of, speech, sort) : nothing(office, sieve));
  const element = el(
    "div",
    {},
    heading(office, list, sieve.stopped),
    countTiles(list, sieve, speech),
    siteFilters(list, sieve, speech, (changed) => office.go(sieveAddress(changed))),
    el("div", { class: "sites-columns" }, host, map?.element ?? null),
  );
  return { title: say("sites"), element, ...(map && { leave: map.leave }) };
}

function heading({ speech }: Office, list: SiteList, stopped: boolean): HTMLElement {
  const { say, language } = speech;
  const day = list.as_of === null ? say("sitesNoWatch") : say("sitesAsOf", { day: formatDay(list.as_of, language) });
  return el(
    "div",
    { class: "page-head" },
    el("h1", { tabindex: -1 }, say("sites")),
    el("p", { class: "count" }, `${say(stopped ? "sitesFoundStopped" : "sitesFound", { n: formatNumber(list.sites.length, language) })} · ${day}`),
    el("button", { type: "button", id: "print", class: "quiet", onclick: () => window.print() }, say("print")),
  );
}

function nothing({ speech }: Office, sieve: SiteSieve): HTMLElement {
  const { say } = speech;
  if (siftsSites(sieve)) return el("p", { class: "empty" }, say("sitesNoneFits"));
  return el("div", { class: "empty" }, el("p", {}, say("sitesNone")), el("p", { class: "sub" }, say("sitesImport")));
}
