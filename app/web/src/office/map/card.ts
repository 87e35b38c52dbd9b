/** A parcel in short, beside the map. */
import { el } from "../../dom";
import { areaIn, formatArea, formatMoney, formatNumber, formatShare } from "../../format";
import { levelTag } from "../alerts/parts";
import { parcelAddress } from "../parcel/address";
import { siteFacts } from "../parcel/site";
import { siteAddress } from "../sites/sieve";
import type { OfficeSpeech } from "../words";
import type { Card } from "./asking";
import type { Labels } from "./labels";

type Line = [string, (Node | string | null)[]];

export interface CardActs {
  close(): void;
  zoomTo(): void;
}

export function drawCard(card: Card, speech: OfficeSpeech, labels: Labels, acts: CardActs): HTMLElement {
  const { say } = speech;
  const close = el("button", { type: "button", id: "map-close", class: "map-close", "aria-label": say("map_close"), onclick: acts.close }, "×");
  const zoom = el("button", { type: "button", id: "map-zoom-to", onclick: acts.zoomTo }, say("map_zoomTo"));
  return el(
    "section",
    { class: "map-card", "aria-label": `${say("parcel")} ${card.parcel_id}` },
    el("div", { class: "map-card-head" }, el("h2", { id: "map-card", tabindex: -1 }, el("span", { class: "kicker" }, say("parcel")), ` ${card.parcel_id}`), close),
    el("dl", { class: "facts" }, ...facts(card, speech, labels)),
    card.outline === null && el("p", { class: "sub" }, say("map_noOutline")),
    el(
      "p",
      { class: "buttons" },
      card.site !== null && el("a", { class: "onward", id: "map-to-site", href: siteAddress(card.parcel_id) }, `${say("map_sitePage")} →`),
      el("a", { class: "onward", href: parcelAddress(card.parcel_id) }, `${say("map_page")} →`),
      card.bounds !== null && zoom,
    ),
  );
}

function facts(card: Card, speech: OfficeSpeech, labels: Labels): Node[] {
  const { say, language } = speech;
  const live = card.level === null ? say("map_noAlerts") : el("span", { class: "map-live" }, say("map_alertsOf", { n: formatNumber(card.alerts, language) }), levelTag(card.level, speech));
  const grown = card.site === null || card.status !== null;
  const lent = card.site === null || card.limit !== null || card.proposed !== null;
  const decided = card.limit === null ? say("map_limitNone") : formatMoney(card.limit, language);
  const waits = card.proposed === null ? null : say("map_proposed", { amount: formatMoney(card.proposed, language) });
  const seen: Line[] = [
    [say("map_crop"), crop(card, speech, labels)],
    [say("map_status"), [card.status === null ? say("unknown") : say(card.status)]],
    [say("map_vigour"), [card.vigour_pct === null ? say("unknown") : say("map_vigourOf", { n: formatNumber(card.vigour_pct, language) })]],
  ];
  const lines: Line[] = [
    ...(card.site === null ? [] : siteFacts(card.site, speech).map(([name, value]): Line => [name, [value]])),
    [say("map_alerts"), [live]],
    ...(lent ? [[say("map_limit"), [decided, waits]] as Line] : []),
    ...(grown ? seen : []),
    [say("map_area"), [card.area_ha === null ? say("unknown") : areas(card.area_ha, speech)]],
    [say("village"), [card.village === null ? say("unknown") : card.village.name]],
    ...(card.unit === null ? [] : [[say("map_unit"), [card.unit.name]] as Line]),
  ];
  return lines.flatMap(([name, values]) => [el("dt", {}, name), el("dd", {}, ...values.filter((value) => value !== null).flatMap((value, at) => (at === 0 ? [value] : [el("br"), value])))]);
}

function crop(card: Card, { say, language }: OfficeSpeech, labels: Labels): (string | null)[] {
  const sure = card.crop_prob === null ? "" : ` (${formatShare(card.crop_prob, language)})`;
  const seen = card.crop === null ? say("unknown") : labels.crop(card.crop) + sure;
  const differs = card.declared_crop !== null && card.declared_crop !== card.crop;
  return [seen, differs ? say("map_declared", { crop: labels.crop(card.declared_crop ?? "") }) : null];
}

/** In the unit that people speak of in the language, and in hectares. */
function areas(ha: number, { say, language }: OfficeSpeech): string {
  const own = language === "zh" ? `${formatArea(areaIn(ha, "mu"), language)} ${say("mu")} · ` : "";
  return `${own}${formatArea(ha, language)} ${say("ha")}`;
}
