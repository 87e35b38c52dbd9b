/** What somebody took along: the week's list, kept on the device until the session ends or its owner signs out. */
import type { Person } from "../answers";
import { Kept } from "../kept/database";
import type { components } from "../schema";

export type Week = components["schemas"]["VisitWeek"];
export type WeekTask = components["schemas"]["WeekTask"];

export interface Along {
  readonly person: Person;
  readonly week: Week;
  /** Instant, milliseconds since 1970. */
  readonly taken_at: number;
  /** How far this device's clock was ahead of the service's when the list came, ms. */
  readonly ahead_ms: number;
}

const THE_LIST = "along";

/** Clocks of devices are off; the service says by its own when it made a list, and by that one it judges. */
export function aheadOf(week: Week, now: number): number {
  return now - Date.parse(week.made_at);
}

/** When a list is let go, by this device's clock. */
export function goneAt({ week, ahead_ms }: Pick<Along, "week" | "ahead_ms">): number {
  return Date.parse(week.forget_at) + ahead_ms;
}

/** Whether a list may still be kept: not once the session that it was taken in has ended at the latest. */
export function stands(along: Along, now: number): boolean {
  return now < goneAt(along);
}

/** The list on this device; one whose session ended is deleted rather than shown. */
export async function readAlong(now: number): Promise<Along | null> {
  const kept = await Kept.open();
  try {
    const along = await kept.get<Along>("weeks", THE_LIST);
    if (along === null || stands(along, now)) return along;
    await kept.clear("weeks");
    return null;
  } finally {
    kept.close();
  }
}

export async function takeAlong(along: Along): Promise<void> {
  const kept = await Kept.open();
  try {
    await kept.put("weeks", THE_LIST, along);
  } finally {
    kept.close();
  }
}

/** At sign-out and when the session ends. A device that never kept anything has no database to clear. */
export async function forgetAlong(): Promise<void> {
  if (!("indexedDB" in globalThis)) return;
  const kept = await Kept.open();
  try {
    await kept.clear("weeks");
  } finally {
    kept.close();
  }
}
