/** What grows on a parcel, and what was said to grow there. */
import { comparison } from "../../compare";
import { el } from "../../dom";
import { formatNumber, formatShare } from "../../format";
import type { ParcelFile } from "../answers";
import { nameOf } from "../figures";
import type { OfficeSpeech } from "../words";

export function cropFacts(file: ParcelFile, speech: OfficeSpeech): HTMLElement {
  const { say, language } = speech;
  const facts = el("dl", { class: "facts" });
  const fact = (term: string, ...value: (Node | string)[]): void => facts.append(el("dt", {}, term), el("dd", {}, ...value));
  const named = (key: string): string => nameOf(key, file.crops, speech);
  if (file.status !== null) fact(say("decision"), say(file.status));
  fact(say("observed"), ...observed(file, speech));
  if (file.crop_set.length > 1) fact(say("cropSet"), file.crop_set.map(named).join(language === "zh" ? "、" : ", "));
  fact(say("declared"), ...declared(file, speech));
  if (file.vigour_pct !== null) fact(say("vigour"), say("ofHundred", { n: formatNumber(file.vigour_pct, language) }));
  if (file.position !== null) fact(say("position"), `${file.position.lat.toFixed(5)}, ${file.position.lon.toFixed(5)}`);
  return el("section", { class: "card" }, el("h2", {}, `${say("observed")} · ${say("declared")}`), facts);
}

function observed(file: ParcelFile, speech: OfficeSpeech): (Node | string)[] {
  if (file.crop === null) return [speech.say("notDecided")];
  const name = el("strong", {}, nameOf(file.crop, file.crops, speech));
  if (file.crop_prob === null) return [name];
  return [name, " ", el("span", { class: "sub" }, speech.say("likely", { share: formatShare(file.crop_prob, speech.language) }))];
}

function declared(file: ParcelFile, speech: OfficeSpeech): (Node | string)[] {
  if (file.declared_crop === null) return [speech.say("notDeclared")];
  const name = nameOf(file.declared_crop, file.crops, speech);
  const verdict = comparison(file);
  if (verdict === null) return [name];
  return [name, " ", el("span", { class: `tag ${verdict}` }, speech.say(verdict === "same" ? "asDeclared" : verdict))];
}
