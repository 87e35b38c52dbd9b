/** What lies under an outline already: pledged ground first to the eye, by word and by mark. */
import { el } from "../../dom";
import { formatArea, formatShare } from "../../format";
import { parcelAddress } from "../parcel/address";
import type { OfficeSpeech } from "../words";
import type { Overlap } from "./asking";

/** Less than this is not shown as nothing. */
const LEAST_SHARE = 0.01;

export function overlapList(overlaps: readonly Overlap[], speech: OfficeSpeech): HTMLElement {
  const { say } = speech;
  if (overlaps.length === 0) return el("p", { class: "note" }, say("drawing_overlapsNone"));
  return el("ul", { class: "lines drawing-overlaps" }, ...overlaps.map((each) => line(each, speech)));
}

function line(each: Overlap, speech: OfficeSpeech): HTMLElement {
  const { say, language } = speech;
  const part = say("drawing_share", { share: each.share < LEAST_SHARE ? `< ${formatShare(LEAST_SHARE, language)}` : formatShare(each.share, language), area: formatArea(each.area_ha, language) });
  const pledged = each.kind !== "parcel";
  return el("li", { class: pledged ? "alarm" : "" }, pledged && el("span", { "aria-hidden": "true" }, "⚠ "), el("span", { class: "line-body" }, named(each, speech), el("span", { class: "sub" }, part)));
}

function named(each: Overlap, { say }: OfficeSpeech): HTMLElement {
  if (each.parcel_id === null) return el("strong", {}, say("drawing_elsewhere"));
  const text = each.kind === "pledged" ? say("drawing_pledged", { parcel: each.parcel_id, loan: each.facility_number ?? "" }) : say("drawing_parcel", { parcel: each.parcel_id });
  return el("a", { href: parcelAddress(each.parcel_id), target: "_blank", rel: "noopener" }, text);
}
