/** The way to the rooms in the head of every page: tabs, and what is asked for less often under "More". */
import { el } from "../dom";
import type { Role } from "./answers";
import type { Room } from "./office";
import { writePlace } from "./place";
import type { OfficeSpeech } from "./words";

/** More than this many tabs do not stand beside each other on a branch's screen. */
const MOST_TABS = 7;

/** Rooms that a role may enter from the head of the page: as tabs, and under "More". */
export function menuOf(rooms: readonly Room[], role: Role): { tabs: Room[]; more: Room[] } {
  const reached = rooms.filter((room) => room.tab !== undefined && (room.roles?.includes(role) ?? true));
  const tabs = reached.filter((room) => !room.menu).slice(0, MOST_TABS);
  return { tabs, more: reached.filter((room) => !tabs.includes(room)) };
}

/** Navigation with the room that is open marked. */
export function menu(rooms: readonly Room[], here: Room, role: Role, speech: OfficeSpeech): HTMLElement {
  const { tabs, more } = menuOf(rooms, role);
  const link = (room: Room): HTMLElement | null =>
    room.tab === undefined ? null : el("a", { href: writePlace(room.name), ...(room === here && { "aria-current": "page" }) }, speech.say(room.tab));
  const rest = more.length > 0 && folded(more.map(link), more.includes(here), speech);
  return el("nav", { "aria-label": speech.say("pages") }, ...tabs.map(link), rest);
}

/** Links that fold away; Escape, leaving with the keyboard and a click elsewhere close them. */
function folded(links: (HTMLElement | null)[], here: boolean, speech: OfficeSpeech): HTMLElement {
  const list = el("ul", { class: "more-links" }, ...links.map((link) => el("li", {}, link)));
  const button = el("summary", { id: "menu-more", class: here ? "here" : "" }, speech.say("more"));
  const details = el("details", { class: "more-menu" }, button, list);
  details.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !details.open) return;
    details.open = false;
    button.focus();
  });
  details.addEventListener("focusout", (event) => {
    if (event.relatedTarget instanceof Node && !details.contains(event.relatedTarget)) details.open = false;
  });
  details.addEventListener("toggle", () => {
    if (!details.open) return;
    const elsewhere = (event: Event): void => {
      if (event.target instanceof Node && details.contains(event.target)) return;
      details.open = false;
      document.removeEventListener("pointerdown", elsewhere);
    };
    document.addEventListener("pointerdown", elsewhere);
  });
  return details;
}
