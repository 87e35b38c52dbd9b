/** A site in one line: how much is built, against what was planned, and what is late. */
import { formatDay, formatNumber, formatShare } from "../../format";
import type { OfficeSpeech } from "../words";
import type { SitePage } from "./answers";
import { sentences } from "./aside";
import { failureText } from "./failures";
import { daysBetween } from "./table";

type Told = Pick<SitePage, "as_of" | "seen_on" | "planned" | "low" | "share" | "high" | "reached" | "next" | "detail" | "watches" | "milestones">;
type Shares = { seen_on: string; low: number; high: number; planned: number | null };

/** "58% to 71% built as of 12 May 2026; planned 80%: behind its plan. Complete was planned for ..." */
export function summaryOf(site: Told, speech: OfficeSpeech): string {
  const now = sharesOf(site);
  const parts = now !== null ? [builtText(now, site, speech), lateText(site, speech)] : [unseenText(site, speech), lastSeenText(site, speech)];
  return sentences(parts.filter((part) => part !== null), speech);
}

function sharesOf({ seen_on, low, high, planned }: Pick<Told, "seen_on" | "low" | "high" | "planned">): Shares | null {
  return seen_on === null || low === null || high === null ? null : { seen_on, low, high, planned };
}

function builtText({ seen_on, low, high, planned }: Shares, site: Told, { say, language }: OfficeSpeech): string {
  const share = (value: number): string => formatShare(value, language);
  const [from, to] = [share(low), share(high)];
  const day = formatDay(seen_on, language);
  const built = from === to ? say("sitesBuiltAbout", { share: from, day }) : say("sitesBuiltBetween", { low: from, high: to, day });
  if (site.reached.includes("complete")) return say("sitesBuiltComplete", { built });
  if (planned === null) return say("sitesBuiltUnplanned", { built });
  return say(`sitesBuilt_${against(low, high, planned)}`, { built, planned: share(planned) });
}

/** What was planned lies above, within or below the bounds of what is built. */
export function against(low: number, high: number, planned: number): "behind" | "ahead" | "within" {
  if (planned > high) return "behind";
  return planned < low ? "ahead" : "within";
}

/** The first milestone that is not reached, where its planned day is over. */
function lateText({ next, as_of }: Told, { say, language }: OfficeSpeech): string | null {
  const days = next === null || as_of === null ? 0 : daysBetween(next.due, as_of);
  if (next === null || days <= 0) return null;
  return say("sitesLate", { what: say(`sitesMilestone_${next.kind}`), day: formatDay(next.due, language), n: formatNumber(days, language) });
}

function unseenText({ as_of, detail, seen_on }: Told, speech: OfficeSpeech): string {
  const { say } = speech;
  if (as_of === null) return say("sitesNotWatched");
  const failure = detail?.failure ?? null;
  if (failure !== null) return failureText(failure.code, speech);
  return say(seen_on === null ? "sitesNotSeen" : "sitesWhy_noWhole");
}

/** What an earlier watch could still say. */
function lastSeenText({ watches }: Told, { say, language }: OfficeSpeech): string | null {
  const last = watches.map(sharesOf).findLast((shares) => shares !== null);
  if (last === undefined || last === null) return null;
  return say("sitesSeenBefore", { low: formatShare(last.low, language), high: formatShare(last.high, language), day: formatDay(last.seen_on, language) });
}
