/** What went wrong with a step: in English the service says it with names and numbers, in Chinese the room as far as it can. */
import { ApiError } from "../../api";
import { problemText } from "../problems";
import type { OfficeKey, OfficeSpeech } from "../words";
import { en } from "./words";

export function refusalText(error: unknown, speech: OfficeSpeech): string {
  const code = error instanceof ApiError ? error.problem.code : null;
  if (code === "APPLICATION_CHANGED") return speech.say("app_changed");
  const key = `app_not_${code ?? ""}`;
  return key in en && speech.language !== "en" ? speech.say(key as OfficeKey) : problemText(error, speech);
}
