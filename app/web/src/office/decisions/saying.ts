/** What is in the way of an act, and what went wrong, in the language of the page. */
import { ApiError } from "../../api";
import type { Office } from "../office";
import { en } from "./words";
import type { OfficeKey, OfficeSpeech } from "../words";
import type { Able, Act } from "./asking";

/** The sentence why not; the service's own for a code that the room has no words for. */
export function whyNot(able: Pick<Able, "code" | "message">, speech: OfficeSpeech): string {
  const key = `decisionsNot_${able.code}`;
  return key in en ? speech.say(key as OfficeKey) : (able.message ?? "");
}

export function ableTo(can: readonly Able[], act: Act): Able {
  return can.find((able) => able.act === act) ?? { act, allowed: false, code: null, message: null };
}

/** Tell what went wrong: in English the service says it with names and numbers, in Chinese the room as far as it can. */
export function failed(office: Office, error: unknown): void {
  const code = error instanceof ApiError ? error.problem.code : null;
  const known = code !== null && `decisionsNot_${code}` in en && office.speech.language !== "en";
  office.fail(known ? new Error(whyNot({ code, message: null }, office.speech)) : error);
}

/** Do one thing, say what came of it, and show the page anew. */
export async function doing<Answer>(office: Office, act: () => Promise<Answer>, said: (answer: Answer) => string): Promise<void> {
  try {
    const answer = await act();
    office.announce(said(answer));
    office.reload();
  } catch (error) {
    failed(office, error);
  }
}
