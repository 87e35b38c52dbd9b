/** Figures and days of the office pages as people write them; "not known" is said, never shown as zero. */
import { formatDay, formatMoney, formatShare, localeOf } from "../format";
import type { Money, Names } from "./answers";
import type { OfficeSpeech } from "./words";

export function moneyOr(money: Money | null, speech: OfficeSpeech): string {
  return money === null ? speech.say("unknown") : formatMoney(money, speech.language);
}

export function shareOr(share: number | null, speech: OfficeSpeech): string {
  return share === null ? speech.say("unknown") : formatShare(share, speech.language);
}

/** "in 3 days", "today", "2 days ago". */
export function daysAway(days: number, speech: OfficeSpeech): string {
  return new Intl.RelativeTimeFormat(localeOf(speech.language), { numeric: "auto" }).format(days, "day");
}

/** "in 40 seconds", "in 3 minutes": never sooner than it is. */
export function waitOf(seconds: number, speech: OfficeSpeech): string {
  const format = new Intl.RelativeTimeFormat(localeOf(speech.language));
  return seconds < 120 ? format.format(seconds, "second") : format.format(Math.ceil(seconds / 60), "minute");
}

/** Name of a cause; its key where the rules are not at hand. */
export function nameOf(key: string, names: Readonly<Record<string, Names>>, speech: OfficeSpeech): string {
  const found = names[key];
  return found ? speech.pick(found) : key;
}

/** "Friday, 14 June 2024". */
export function longDay(iso: string, speech: OfficeSpeech): string {
  const weekday = new Intl.DateTimeFormat(localeOf(speech.language), { weekday: "long", timeZone: "UTC" });
  const name = weekday.format(new Date(`${iso}T00:00:00Z`));
  const day = formatDay(iso, speech.language);
  return speech.language === "zh" ? `${day} ${name}` : `${name}, ${day}`;
}
