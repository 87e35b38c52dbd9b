/** What an alert rests on: looks, band, neighbours, rule, pictures before and after. */
import { el } from "../../dom";
import { formatDay, formatNumber, formatShortDay } from "../../format";
import type { Evidence, Picture, Story } from "../answers";
import { shareOr } from "../figures";
import type { OfficeKey, OfficeSpeech } from "../words";

export function evidence(story: Story, proof: Evidence, speech: OfficeSpeech): HTMLElement {
  const { say, language } = speech;
  const facts = el("dl", { class: "facts" });
  const fact = (term: OfficeKey, value: string): void => facts.append(el("dt", {}, say(term)), el("dd", {}, value));
  if (proof.dates.length > 0) fact("looks", looks(proof, speech));
  fact("value", figure(proof.value, speech));
  fact("expectedRange", band(proof, speech));
  fact("fallen", shareOr(proof.neighbours_fallen, speech));
  fact("rule", rule(proof, speech));
  return el(
    "div",
    { class: "evidence" },
    el("h3", {}, say("evidence", { day: formatDay(proof.happened_on, language) })),
    facts,
    proof.why !== "" && el("p", { class: "sub" }, proof.why),
    pictures(story, proof, speech),
  );
}

function looks({ dates, values }: Evidence, speech: OfficeSpeech): string {
  const shown = dates.map((day, at) => `${formatShortDay(day, speech.language)} ${figure(values[at] ?? null, speech)}`);
  return shown.join(speech.language === "zh" ? "，" : ", ");
}

/** A band may be open on one side. */
function band({ expected: { low, high } }: Evidence, speech: OfficeSpeech): string {
  if (low === null && high === null) return speech.say("unknown");
  const end = (value: number | null): string => (value === null ? "…" : figure(value, speech));
  return `${end(low)} – ${end(high)}`;
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

function figure(value: number | null, speech: OfficeSpeech): string {
  return value === null ? speech.say("unknown") : formatNumber(value, speech.language, 2);
}
