/** Who visited the parcel, what they found, and their photos, newest first. */
import { el } from "../../dom";
import { formatInstant, formatNumber, formatShare } from "../../format";
import type { VisitLine, VisitLines } from "../answers";
import type { OfficeSpeech } from "../words";
import { parcelAddress } from "./address";

export function visitsSection({ parcel_id, visits, causes }: VisitLines, speech: OfficeSpeech): HTMLElement {
  const { say } = speech;
  const titles = new Map(causes.map((cause) => [cause.key, speech.pick(cause.title)]));
  const lines = visits.map((visit) => visitItem(visit, parcel_id, titles, speech));
  const body = lines.length === 0 ? el("p", { class: "empty" }, say("parcelVisitsNone")) : el("ol", { class: "parcel-visits" }, ...lines);
  return el("section", { class: "card", id: "parcel-visits", "aria-labelledby": "parcel-visits-title" }, el("h2", { id: "parcel-visits-title" }, say("parcelVisits")), body);
}

function visitItem(visit: VisitLine, parcel: string, titles: ReadonlyMap<string, string>, speech: OfficeSpeech): HTMLElement {
  const { say } = speech;
  const when = formatInstant(visit.captured_at, speech.language);
  const facts = factsOf(visit, titles, speech).flatMap(([term, value]) => [el("dt", {}, term), el("dd", {}, value)]);
  const about = visit.alert !== null && el("a", { class: "sub", href: parcelAddress(parcel, visit.alert) }, say("parcelVisitAlert", { n: visit.alert }));
  return el(
    "li",
    { id: `parcel-visit-${visit.number}` },
    el("div", { class: "parcel-visit" }, el("h3", {}, say(`outcome_${visit.outcome}`)), el("p", { class: "sub" }, el("time", { datetime: visit.captured_at }, when), about && " · ", about), el("dl", { class: "facts" }, ...facts)),
    visit.photo !== null && photo(visit.photo, say("parcelVisitPhoto", { day: when }), speech),
  );
}

function factsOf(visit: VisitLine, titles: ReadonlyMap<string, string>, speech: OfficeSpeech): [string, Node | string][] {
  const { say, language } = speech;
  const [by, second] = visit.officers;
  const facts: [string, Node | string][] = [[say("parcelVisitOfficers"), say("visitBy", { by, with: second })]];
  if (visit.cause_found !== null) facts.push([say("parcelVisitCause"), titles.get(visit.cause_found) ?? visit.cause_found]);
  if (visit.loss_share !== null) facts.push([say("parcelVisitLoss"), formatShare(visit.loss_share, language)]);
  if (visit.distance_m !== null) facts.push([say("parcelVisitPlace"), distance(visit, visit.distance_m, speech)]);
  if (visit.note !== "") facts.push([say("parcelVisitNote"), visit.note]);
  return facts;
}

function distance(visit: VisitLine, metres: number, { say, language }: OfficeSpeech): Node | string {
  if (metres === 0) return say("parcelVisitOn");
  const said = `${formatNumber(metres, language)} m`;
  return visit.far ? el("strong", {}, `${said} (${say("far")})`) : said;
}

/** Small beside what was found; behind the link it has its own size. */
function photo(address: string, named: string, { say }: OfficeSpeech): HTMLElement {
  const image = el("img", { src: address, alt: named, loading: "lazy", decoding: "async" });
  const figure = el("figure", {}, el("a", { href: address, target: "_blank", rel: "noopener" }, image));
  image.addEventListener("error", () => figure.replaceChildren(el("figcaption", { class: "problem" }, say("parcelVisitPhotoGone"))));
  return figure;
}
