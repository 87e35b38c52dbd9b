/** The map beside the list, with what its signs mean. What draws it is large, and comes after the page stands. */
import { el, styled } from "../../dom";
import type { Imagery } from "../map/asking";
import type { Office } from "../office";
import type { SiteRow } from "./answers";
import { barText } from "./progressbar";
import { KINDS, siteAddress, STANDINGS } from "./sieve";
import { kindTag, standingTag } from "./standing";
import type { SitesMap } from "./map";

/** Greatest width of what is said of a site that somebody points at. */
const TIP_PX = 240;

export interface MapCard {
  element: HTMLElement;
  leave: () => void;
}

export function mapCard(office: Office, sites: readonly SiteRow[], signal: AbortSignal): MapCard {
  const { say } = office.speech;
  const stage = el("div", { class: "sites-map" });
  const tip = el("div", { class: "sites-tip", hidden: true });
  const note = el("p", { class: "sub", role: "status" });
  const element = el("section", { class: "card sites-map-card", "aria-label": say("sitesMap") }, el("div", { class: "sites-stage" }, stage, tip), note, key(office));
  const gone = new AbortController();
  let map: SitesMap | null = null;
  const draw = async (): Promise<void> => {
    const [{ canDraw, SitesMap: Drawn }] = await Promise.all([import("./map"), new Promise(requestAnimationFrame)]);
    if (gone.signal.aborted) return;
    if (!canDraw()) return withoutMap(element, stage, note, say("sitesMapNone"));
    const byId = new Map(sites.map((site) => [site.site_id, site]));
    map = new Drawn(stage, sites, { "Map.Title": say("sitesMapLabel"), "NavigationControl.ZoomIn": say("sitesMapIn"), "NavigationControl.ZoomOut": say("sitesMapOut") }, {
      open: (site) => office.go(siteAddress(site)),
      point: (site) => showTip(office, tip, map, site === null ? null : (byId.get(site) ?? null)),
      fail: (error) => !gone.signal.aborted && office.fail(error),
    });
    await map.ready();
    element.dataset["ready"] = "true";
    const imagery = await office.client.get<Imagery>("/imagery", signal);
    if (!gone.signal.aborted) map.drawImagery(imagery);
  };
  draw().catch((error: unknown) => !gone.signal.aborted && !signal.aborted && office.fail(error));
  return {
    element,
    leave: () => {
      gone.abort();
      map?.remove();
    },
  };
}

function withoutMap(element: HTMLElement, stage: HTMLElement, note: HTMLElement, said: string): void {
  stage.parentElement?.remove();
  note.replaceChildren(said);
  element.dataset["ready"] = "true";
}

/** Name, standing and progress of the site that somebody points at; the table says the same to everybody. */
function showTip({ speech }: Office, tip: HTMLElement, map: SitesMap | null, site: SiteRow | null): void {
  tip.hidden = site === null || map === null;
  if (site === null || map === null) return;
  const { x, y } = map.at(site);
  tip.replaceChildren(el("strong", {}, site.name ?? site.site_id), standingTag(site.standing, speech), el("span", { class: "sub" }, barText(site, speech)));
  const room = (tip.parentElement?.clientWidth ?? 0) - TIP_PX / 2;
  // Under the sign where there is no room above it, and never beyond the map's sides.
  tip.classList.toggle("under", y < TIP_PX / 2);
  styled(tip, { left: `${Math.min(Math.max(x, TIP_PX / 2), Math.max(room, TIP_PX / 2))}px`, top: `${Math.max(y, 0)}px` });
}

function key({ speech }: Office): HTMLElement {
  const items = [...KINDS.map((kind) => kindTag(kind, speech)), ...STANDINGS.map((standing) => standingTag(standing, speech))];
  return el(
    "details",
    { class: "sites-key" },
    el("summary", {}, speech.say("sitesMapKey")),
    el("ul", {}, ...items.map((item) => el("li", {}, item))),
    el("p", { class: "sub" }, speech.say("sitesMapHidden")),
    el("p", { class: "sub" }, speech.say("sitesBarKey")),
  );
}
