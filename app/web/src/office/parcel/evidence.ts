/** What an alert rests on: looks, band, neighbours, rule, pictures before and after. */
import { el } from "../../dom";
import { formatDay, formatNumber, formatShare, formatShortDay } from "../../format";
import type { Evidence, Picture, Story } from "../answers";
import { shareOr } from "../figures";
import type { OfficeKey, OfficeSpeech } from "../words";

export function evidence(story: Story, proof: Evidence, speech: OfficeSpeech): HTMLElement {
  const { say, language } = speech;
  const facts = el("dl", { class: "facts" });
  const fact = (term: OfficeKey, value: string): void => facts.append(el("dt", {}, say(term)), el("dd", {}, value));
  if (proof.dates.length > 0) fact("looks", looks(proof, speech));
  fact("value", figure(proof.value, proof.unit, speech));
  fact("expectedRange", band(proof, speech));
  // A site is judged against its own plan and ground.
  if (story.site === null) fact("fallen", shareOr(proof.neighbours_fallen, speech));
  fact("rule", rule(proof, speech));
  return el(
    "div",
    { class: "evidence" },
    el("h3", {}, say("evidence", { day: formatDay(proof.happened_on, language) })),
    facts,
    proof.why !== "" && el("p", { class: "sub" }, whyText(proof.why, speech)),
    pictures(story, proof, speech),
  );
}

function looks({ dates, values, unit }: Evidence, speech: OfficeSpeech): string {
  const shown = dates.map((day, at) => `${formatShortDay(day, speech.language)} ${figure(values[at] ?? null, unit, speech)}`);
  return shown.join(speech.language === "zh" ? "，" : ", ");
}

/** A band may be open on one side. */
function band({ expected: { low, high }, unit }: Evidence, speech: OfficeSpeech): string {
  if (low === null && high === null) return speech.say("unknown");
  const end = (value: number | null): string => (value === null ? "…" : figure(value, unit, speech));
  return `${end(low)} – ${end(high)}`;
}

/** Why a site alert stands is a code; other rules say it in words. */
function whyText(why: string, { say }: OfficeSpeech): string {
  return why === "red_line" || why === "prior_use" ? say(`sitesWhy_${why}`) : why;
}

function rule(proof: Evidence, { say }: OfficeSpeech): string {
  const named = `${proof.rule}, ${proof.rules.id} (${proof.rules.hash.slice(0, 12)})`;
  return proof.same_rules ? named : `${named} · ${say("rulesChanged")}`;
}

function pictures(story: Story, { chips }: Evidence, speech: OfficeSpeech): HTMLElement | null {
  const both = [chips.before && picture("before", chips.before, speech), chips.after && picture("after", chips.after, speech)];
  const found = both.filter((each) => each !== null);
  return found.length === 0 ? null : el("div", { class: "pictures", "data-alert": story.alert.number }, ...found);
}

function picture(when: "before" | "after", { day, url }: Picture, speech: OfficeSpeech): HTMLElement {
  const { say, language } = speech;
  const written = formatDay(day, language);
  const image = el("img", { src: url, alt: `${say(when)}: ${say("picture", { day: written })}`, loading: "lazy" });
  return el("figure", {}, image, el("figcaption", {}, el("strong", {}, say(when)), ` ${written}`));
}

/** NDVI as a number, a share of a plan or of the ground in per cent, an area in square metres. */
export function figure(value: number | null, unit: Evidence["unit"], speech: OfficeSpeech): string {
  if (value === null) return speech.say("unknown");
  if (unit === "share") return formatShare(value, speech.language);
  if (unit === "m2") return speech.say("sitesM2", { n: formatNumber(value, speech.language) });
  return formatNumber(value, speech.language, 2);
}
