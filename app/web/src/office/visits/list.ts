/** The week's list, village by village in the order of the round, and what waits on this device. */
import { el } from "../../dom";
import { formatDay, formatNumber, localeOf } from "../../format";
import { levelTag } from "../alerts/parts";
import { parcelAddress } from "../parcel/address";
import { writePlace } from "../place";
import type { OfficeSpeech } from "../words";
import { forgetAlong, goneAt, takeAlong, type Week, type WeekTask } from "./away";
import { queuePanel } from "./queuepanel";
import { taskNamed, type Situation } from "./situation";
import { stopName, stopsOf, wayText, type Stop } from "./stops";

export const formAddress = (parcel: string): string => writePlace("visits", ["form", parcel]);

/** Sheets of the whole round, or of one of its stops. */
export const sheetsAddress = (stop: string | null = null): string => writePlace("visits", ["sheets"], stop === null ? "" : new URLSearchParams({ stop }).toString());

export function listPage(situation: Situation): HTMLElement {
  const { office, week } = situation;
  const { say, language } = office.speech;
  const left = week.tasks.filter((task) => !task.done).length;
  const count = say("visits_left", { n: formatNumber(left, language), total: formatNumber(week.tasks.length, language) });
  return el(
    "div",
    {},
    el(
      "div",
      { class: "page-head" },
      el("h1", { tabindex: -1 }, say("visits_title")),
      week.week !== null && el("p", { class: "count" }, [say("visits_week", { day: formatDay(week.week, language) }), count, wayText(week.way_m, office.speech)].filter((part) => part !== null).join(" · ")),
    ),
    situation.away && el("p", { class: "visit-away", role: "status" }, say("visits_takenAway", { time: clockOf(situation.along?.taken_at ?? 0, office.speech) })),
    week.tasks.length === 0 ? el("p", { class: "empty" }, say("visits_none")) : tools(situation),
    el("div", { class: "cards visit-cards" }, el("div", {}, ...stopsOf(week.tasks).map((stop) => stopCard(stop, situation))), el("div", {}, queuePanel(situation))),
  );
}

function tools(situation: Situation): HTMLElement {
  const { say } = situation.office.speech;
  const sheets = el("a", { href: sheetsAddress(), class: "onward" }, say("visits_print"));
  return el("div", { class: "visit-tools" }, taking(situation), sheets, finder(situation));
}

function taking(situation: Situation): HTMLElement {
  const { office } = situation;
  const { say } = office.speech;
  const forget = async (): Promise<void> => {
    await forgetAlong();
    office.announce(say("visits_forgotten"));
    office.reload();
  };
  if (situation.along !== null) {
    const until = say("visits_taken", { time: clockOf(goneAt(situation.along), office.speech) });
    const button = el("button", { type: "button", class: "link", id: "visit-forget", onclick: () => void forget() }, say("visits_forget"));
    return el("p", { class: "visit-along" }, until, " ", button);
  }
  const take = async (): Promise<void> => {
    try {
      await takeAlong({ person: office.person, week: situation.week, taken_at: Date.now(), ahead_ms: situation.ahead_ms });
      await navigator.storage?.persist?.();
      office.announce(say("visits_tookAlong"));
      office.reload();
    } catch (error) {
      office.announce(say("visits_noAway", { why: String(error) }));
    }
  };
  return el("button", { type: "button", class: "primary", id: "visit-take", onclick: () => void take() }, say("visits_take"));
}

function finder({ week, office }: Situation): HTMLElement {
  const { say } = office.speech;
  const field = el("input", { id: "visit-find", type: "text", autocomplete: "off", autocapitalize: "characters", spellcheck: "false" });
  const form = el("form", { class: "visit-find", novalidate: true }, el("label", { for: "visit-find" }, say("visits_find")), field, el("button", { type: "submit" }, say("visits_open")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const task = taskNamed(week, field.value);
    if (task) office.go(formAddress(task.parcel_id));
    else office.announce(say("visits_notFound"));
  });
  return form;
}

function stopCard(stop: Stop<WeekTask>, situation: Situation): HTMLElement {
  const { speech } = situation.office;
  const name = stopName(stop, speech);
  const print = stop.tasks.some((task) => !task.done) && el("a", { class: "sub", href: sheetsAddress(stop.key), "aria-label": `${speech.say("visits_printOne")}: ${name}` }, speech.say("visits_printOne"));
  const head = el("div", { class: "stop-head" }, el("h2", {}, name), print);
  return el("section", { class: "card", "aria-label": name }, head, el("ol", { class: "lines" }, ...stop.tasks.map((task) => taskLine(task, situation))));
}

function taskLine(task: WeekTask, { office, entries, away }: Situation): HTMLElement {
  const { speech } = office;
  const { say } = speech;
  const queued = entries.some((entry) => entry.parcel === task.parcel_id && entry.state !== "sent" && entry.login === office.person.login);
  const state = task.done ? say("visits_done") : queued ? say("visits_queued") : null;
  const about = [`${titleOf(task, speech)} · `, el("span", { class: "visit-code" }, `${say("visits_code")} ${task.code}`), state && ` · ${state}`];
  const parcel = away ? el("strong", {}, task.parcel_id) : el("a", { class: "parcel-link", href: parcelAddress(task.parcel_id, task.alert?.number ?? null) }, task.parcel_id);
  return el(
    "li",
    { class: task.done ? "done" : "" },
    el("span", { class: "line-body" }, parcel, el("span", { class: "sub" }, ...about)),
    task.alert && levelTag(task.alert.level, speech),
    el("a", { class: "visit-record", href: formAddress(task.parcel_id), "aria-label": `${say("visits_record")}: ${task.parcel_id}` }, say("visits_record")),
  );
}

/** What a task is about. */
export function titleOf(task: WeekTask, speech: OfficeSpeech): string {
  if (task.alert === null) return speech.say("visits_byChance");
  return task.alert.title ? speech.pick(task.alert.title) : task.alert.cause;
}

/** "14:05", with the day where it is another than today. */
export function clockOf(instant: number, speech: OfficeSpeech): string {
  const when = new Date(instant);
  const sameDay = when.toDateString() === new Date().toDateString();
  const format = new Intl.DateTimeFormat(localeOf(speech.language), { ...(!sameDay && { day: "numeric", month: "short" }), hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  return format.format(when);
}

export function outlineOf(week: Week, parcel: string): WeekTask["outline"] {
  return week.tasks.find((task) => task.parcel_id === parcel)?.outline ?? null;
}
