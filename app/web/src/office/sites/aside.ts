/** Something with more in parentheses, as each language writes them. */
import type { OfficeSpeech } from "../words";

export function aside(what: string, more: string, { language }: OfficeSpeech): string {
  return language === "zh" ? `${what}（${more}）` : `${what} (${more})`;
}
