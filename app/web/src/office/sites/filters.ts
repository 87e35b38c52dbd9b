/** Counts by standing, and the filters of the list: each change asks anew, and the address keeps it. */
import { el } from "../../dom";
import { formatNumber } from "../../format";
import type { OfficeSpeech } from "../words";
import type { SiteList } from "./answers";
import { EVERY_SITE, KINDS, sieveAddress, siftsSites, STANDINGS, type SiteSieve } from "./sieve";
import { standingTag } from "./standing";

type Change = (sieve: SiteSieve) => void;

/** A tile for each standing that leads to its sites; pressed again, to all. */
export function countTiles(list: SiteList, sieve: SiteSieve, speech: OfficeSpeech): HTMLElement {
  const tiles = STANDINGS.map((standing) => {
    const here = sieve.standing === standing;
    const href = sieveAddress({ ...sieve, standing: here ? null : standing });
    return el("a", { class: "tile", id: `standing-${standing}`, href, ...(here && { "aria-current": "true" }) }, el("span", { class: "tile-value" }, formatNumber(list.counts[standing] ?? 0, speech.language)), standingTag(standing, speech));
  });
  return el("nav", { class: "tiles site-counts", "aria-label": speech.say("sitesCounts") }, ...tiles);
}

/** The filters; which sites are watched is asked only where some are not. */
export function siteFilters(list: Pick<SiteList, "stopped">, sieve: SiteSieve, speech: OfficeSpeech, change: Change): HTMLElement {
  const { say, language } = speech;
  const text = el("input", { type: "search", id: "site-text", maxlength: 100, value: sieve.text, autocomplete: "off" });
  const kinds = el("select", { id: "site-kind" }, el("option", { value: "" }, say("any")), ...KINDS.map((kind) => el("option", { value: kind, selected: kind === sieve.kind }, say(`sitesKind_${kind}`))));
  const standings = el("select", { id: "site-standing" }, el("option", { value: "" }, say("any")), ...STANDINGS.map((standing) => el("option", { value: standing, selected: standing === sieve.standing }, say(`sitesStanding_${standing}`))));
  const watched = el("select", { id: "site-watched" }, el("option", { value: "" }, say("sitesWatched")), el("option", { value: "stopped", selected: sieve.stopped }, say("sitesStopped", { n: formatNumber(list.stopped, language) })));
  const changed = (): void => {
    const kind = KINDS.find((each) => each === kinds.value) ?? null;
    const standing = STANDINGS.find((each) => each === standings.value) ?? null;
    change({ ...sieve, kind, standing, text: text.value.trim(), stopped: watched.value !== "" });
  };
  for (const each of [kinds, standings, watched]) each.addEventListener("change", changed);
  const reset = el("button", { type: "button", id: "site-reset", class: "link", onclick: () => change({ ...EVERY_SITE, sort: sieve.sort, down: sieve.down }) }, say("showAll"));
  return el(
    "form",
    { class: "filters site-filters", "aria-label": say("filters"), onsubmit: (event) => (event.preventDefault(), changed()) },
    el("label", { class: "choice" }, say("sitesKind"), kinds),
    el("label", { class: "choice" }, say("sitesStanding"), standings),
    (list.stopped > 0 || sieve.stopped) && el("label", { class: "choice" }, say("sitesWatching"), watched),
    el("label", { class: "choice" }, say("sitesText"), text),
    el("button", { type: "submit", id: "site-find" }, say("sitesFind")),
    siftsSites(sieve) && reset,
  );
}
