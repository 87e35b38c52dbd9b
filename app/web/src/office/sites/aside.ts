/** Text put together as each language writes it. */
import type { OfficeSpeech } from "../words";

/** Something with more in parentheses. */
export function aside(what: string, more: string, { language }: OfficeSpeech): string {
  return language === "zh" ? `${what}（${more}）` : `${what} (${more})`;
}

/** Sentences after each other, each with its full stop. */
export function sentences(said: readonly string[], { language }: OfficeSpeech): string {
  return language === "zh" ? said.map((each) => `${each}。`).join("") : said.map((each) => `${each}.`).join(" ");
}
