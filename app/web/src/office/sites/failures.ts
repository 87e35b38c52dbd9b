/** Why a watch could not say how much of a site is built, in the language of the page. */
import type { OfficeSpeech } from "../words";

type Why = "noScene" | "noPast" | "tooLarge" | "noWhole" | "unsure" | "worker" | "unread";

/** Codes of failures of single sites; all others are about imagery that could not be read. */
const WHY: Readonly<Record<string, Why>> = {
  SITES_NO_SCENES: "noScene",
  NO_SCENES: "noScene",
  OUTSIDE_IMAGERY: "noScene",
  SITES_NO_PAST: "noPast",
  SITES_TOO_LARGE: "tooLarge",
  SITES_BUILT_UNKNOWN: "noWhole",
  REFLECTANCE_REFUSED: "unsure",
  WORKER_LOST: "worker",
};

const whyOf = (code: string): Why => WHY[code] ?? "unread";

/** In a few words, for a row. */
export function failureShort(code: string, { say }: OfficeSpeech): string {
  return say(`sitesShort_${whyOf(code)}`);
}

/** In a sentence. */
export function failureText(code: string, { say }: OfficeSpeech): string {
  return say(`sitesWhy_${whyOf(code)}`);
}

/** What helps. */
export function failureRemedy(code: string, { say }: OfficeSpeech): string {
  return say(`sitesRemedy_${whyOf(code)}`);
}
