/** The filters of a work list: each change asks anew, and the address keeps it. */
import { el } from "../../dom";
import type { Causes } from "../answers";
import type { OfficeKey, OfficeSpeech } from "../words";
import { ALL, narrows, SCOPES, WHICH, type Filter } from "./filter";
import { LEVELS, levelMark } from "./levels";

type Change = (filter: Filter) => void;

export function filterBar(filter: Filter, causes: Causes, speech: OfficeSpeech, change: Change): HTMLElement {
  const { say } = speech;
  const again: Change = (changed) => change({ ...changed, limit: ALL.limit });
  const reset = el("button", { type: "button", id: "filter-reset", class: "link", onclick: () => change(ALL) }, say("showAll"));
  const form = el(
    "form",
    { class: "filters", "aria-label": say("filters"), onsubmit: (event) => event.preventDefault() },
    levels(filter, speech, again),
    states(filter, speech, again),
    named(filter, causes, speech, again),
    scopes(filter, speech, again),
    mine(filter, speech, again),
    narrows(filter) && reset,
  );
  // On a telephone the list comes first, unless filters are at work.
  const open = narrows(filter) || !matchMedia("(max-width: 760px)").matches;
  return el("details", { class: "filter-fold", open }, el("summary", {}, say("filters")), form);
}

function levels(filter: Filter, speech: OfficeSpeech, change: Change): HTMLElement {
  const ticks = LEVELS.map((level) => {
    const tick = el("input", { type: "checkbox", id: `level-${level}`, checked: filter.levels.includes(level) });
    tick.addEventListener("change", () => {
      const others = filter.levels.filter((each) => each !== level);
      change({ ...filter, levels: tick.checked ? [...others, level] : others });
    });
    return el("label", { class: `level ${level}` }, tick, levelMark(level), speech.say(`level_${level}`));
  });
  return el("fieldset", { class: "levels" }, el("legend", {}, speech.say("level")), ...ticks);
}

function states(filter: Filter, speech: OfficeSpeech, change: Change): HTMLElement {
  const options = WHICH.map((which) => ({ value: which, text: speech.say(`which_${which}`) }));
  return choice("which", "which", filter.which, options, speech, (value) => {
    const which = WHICH.find((each) => each === value);
    if (which) change({ ...filter, which });
  });
}

function named(filter: Filter, causes: Causes, speech: OfficeSpeech, change: Change): HTMLElement {
  const known = filter.cause === null || filter.cause in causes ? [] : [{ value: filter.cause, text: filter.cause }];
  const titled = Object.entries(causes).map(([value, names]) => ({ value, text: speech.pick(names) }));
  const options = [{ value: "", text: speech.say("any") }, ...titled, ...known];
  return choice("cause", "cause", filter.cause ?? "", options, speech, (value) => change({ ...filter, cause: value || null }));
}

function scopes(filter: Filter, speech: OfficeSpeech, change: Change): HTMLElement {
  const titled = SCOPES.map((scope) => ({ value: scope as string, text: speech.say(`scope_${scope}`) }));
  const options = [{ value: "", text: speech.say("any") }, ...titled];
  return choice("scope", "scope", filter.scope ?? "", options, speech, (value) =>
    change({ ...filter, scope: SCOPES.find((scope) => scope === value) ?? null }),
  );
}

function mine(filter: Filter, speech: OfficeSpeech, change: Change): HTMLElement {
  const tick = el("input", { type: "checkbox", id: "filter-mine", checked: filter.mine });
  tick.addEventListener("change", () => change({ ...filter, mine: tick.checked }));
  return el("label", { class: "tick" }, tick, speech.say("mine"));
}

function choice(
  name: string,
  title: OfficeKey,
  chosen: string,
  options: { value: string; text: string }[],
  speech: OfficeSpeech,
  changed: (value: string) => void,
): HTMLElement {
  const list = el("select", { id: `filter-${name}` });
  for (const { value, text } of options) list.append(el("option", { value, selected: value === chosen }, text));
  list.addEventListener("change", () => changed(list.value));
  return el("label", { class: "choice" }, speech.say(title), list);
}
