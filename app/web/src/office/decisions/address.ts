/** Addresses of the room, and what they ask the service for. */
import type { Role } from "../answers";
import { numberOf, writePlace, type Place } from "../place";

export type Tab = "open" | "requests" | "batches" | "decided";
export type Change = "raised" | "lowered" | "same" | "new" | "none";

export const CHANGES: readonly Change[] = ["raised", "lowered", "same", "new", "none"];
const PAGE_SIZE = 50;

export interface View {
  readonly tab: Tab;
  readonly change: Change | null;
  readonly visit: boolean | null;
  /** Where the page before ended. */
  readonly after: string | null;
}

/** Administrators keep people and see no farmer; batches are for those who release them. */
export function tabsOf(role: Role): Tab[] {
  if (role === "admin") return ["batches"];
  return role === "risk" ? ["open", "requests", "batches", "decided"] : ["open", "requests", "decided"];
}

export function readView(query: string, role: Role): View {
  const values = new URLSearchParams(query);
  const tabs = tabsOf(role);
  const visit = values.get("visit");
  return {
    tab: tabs.find((tab) => tab === values.get("tab")) ?? tabs[0] ?? "open",
    change: CHANGES.find((change) => change === values.get("change")) ?? null,
    visit: visit === "yes" ? true : visit === "no" ? false : null,
    after: values.get("after"),
  };
}

export function viewAddress(view: Partial<View>): string {
  const values = new URLSearchParams();
  if (view.tab && view.tab !== "open") values.set("tab", view.tab);
  if (view.change) values.set("change", view.change);
  if (typeof view.visit === "boolean") values.set("visit", view.visit ? "yes" : "no");
  if (view.after) values.set("after", view.after);
  return writePlace("decisions", [], values.toString());
}

/** The query of a list of proposals. */
export function listQuery(view: View): string {
  const values = new URLSearchParams({ status: view.tab === "decided" ? "decided" : "open", sort: view.tab === "decided" ? "latest" : "size", limit: String(PAGE_SIZE) });
  if (view.change) values.set("change", view.change);
  if (view.visit !== null) values.set("needs_visit", String(view.visit));
  if (view.after) values.set("after", view.after);
  return values.toString();
}

export const proposalAddress = (number: number): string => writePlace("decisions", [String(number)]);
export const toldAddress = (number: number): string => writePlace("decisions", [String(number), "told"]);
export const madeAddress = (number: number, replay = false): string => writePlace("decisions", ["made", String(number)], replay ? "replay=1" : "");

export type Wanted =
  | { page: "list" }
  | { page: "proposal" | "told"; number: number }
  | { page: "made"; number: number; replay: boolean }
  | { page: "nothing" };

/** The page of a place. */
export function wantedOf(place: Place): Wanted {
  const [first, second] = place.path;
  if (first === undefined) return { page: "list" };
  const made = first === "made";
  const number = whole(made ? second : first);
  if (number === null) return { page: "nothing" };
  if (made) return { page: "made", number, replay: numberOf(place.query, "replay") !== null };
  return second === undefined || second === "told" ? { page: second === "told" ? "told" : "proposal", number } : { page: "nothing" };
}

function whole(text: string | undefined): number | null {
  return text !== undefined && /^[1-9]\d{0,14}$/.test(text) ? Number(text) : null;
}
