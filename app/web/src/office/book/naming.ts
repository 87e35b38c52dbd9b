/** Words for the values of closed lists, and names of crops and loan products as far as they are known. */
import type { Client } from "../client";
import type { components } from "../schema";
import { en } from "./words";
import type { OfficeKey, OfficeSpeech } from "../words";

export type Crops = ReadonlyMap<string, { en: string; zh: string }>;

/** Names of the crops of the legend. */
export async function cropNames(client: Client, signal: AbortSignal): Promise<Crops> {
  const keys = await client.get<components["schemas"]["MapKeys"]>("/find/keys", signal);
  return new Map(keys.crops.map((crop) => [crop.key, crop]));
}

export function cropName(key: string | null, crops: Crops, speech: OfficeSpeech): string | null {
  if (key === null) return null;
  const names = crops.get(key);
  return names ? speech.pick(names) : key;
}

/** The word of a value ("lease", "clear"); the value itself where there is none. */
export function valueName(value: string | null, speech: OfficeSpeech): string | null {
  if (value === null) return null;
  const key = `book_${value}`;
  return key in en ? speech.say(`book_${value}` as OfficeKey) : value.replaceAll("_", " ");
}
