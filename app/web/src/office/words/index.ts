/** Every word of the office pages, in English and Chinese. A key missing in one of them does not compile. */
import type { Language, Speech } from "../../i18n";
import { en } from "./en";
import { zh } from "./zh";

export type OfficeKey = keyof typeof en;
export type OfficeWords = Record<OfficeKey, string>;
export type OfficeSpeech = Speech<OfficeKey>;

export const OFFICE_DICTIONARIES: Record<Language, OfficeWords> = { en, zh };
