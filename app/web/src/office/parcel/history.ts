/** What happened to an alert, and what others say. */
import { el } from "../../dom";
import { formatDay } from "../../format";
import type { AlertEvent, Signal } from "../answers";
import type { OfficeKey, OfficeSpeech } from "../words";

export function history(events: readonly AlertEvent[], speech: OfficeSpeech): HTMLElement {
  const lines = events.map((event) => el("li", {}, day(event.happened_on, speech), el("span", {}, eventText(event, speech))));
  return el("details", { open: true }, el("summary", {}, speech.say("history")), el("ol", { class: "timeline" }, ...lines));
}

function eventText(event: AlertEvent, { say }: OfficeSpeech): string {
  const act = `${say(`event_${event.kind}`)} (${say(`level_${event.level}`)})`;
  const to = event.to === null ? "" : ` → ${event.to}`;
  const by = event.by === null ? "" : ` · ${event.by}`;
  return act + to + by + (event.note ? `: ${event.note}` : "");
}

export function outside(signals: readonly Signal[], speech: OfficeSpeech): HTMLElement | null {
  if (signals.length === 0) return null;
  const lines = signals.map((signal) =>
    el("li", {}, day(signal.starts_on, speech), el("span", {}, signal.said, el("span", { class: "sub" }, ` ${signal.source}`))),
  );
  return section("signals", el("ol", { class: "timeline" }, ...lines), speech);
}

function section(title: OfficeKey, body: HTMLElement, { say }: OfficeSpeech): HTMLElement {
  return el("div", {}, el("h3", {}, say(title)), body);
}

function day(iso: string, speech: OfficeSpeech): HTMLElement {
  return el("time", { datetime: iso }, formatDay(iso, speech.language));
}
