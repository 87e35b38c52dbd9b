/**
 * Every word of the office pages, in English and Chinese: those of the frame here, those of a room in its folder's
 * words.ts. A key missing in one of the languages does not compile.
 */
import type { Language, Speech } from "../../i18n";
import { en as applicationsEn, zh as applicationsZh } from "../applications/words";
import { en as decisionsEn, zh as decisionsZh } from "../decisions/words";
import { en as mapEn, zh as mapZh } from "../map/words";
import { en as drawingEn, zh as drawingZh } from "../drawing/words";
import { en as visitsEn, zh as visitsZh } from "../visits/words";
import { en as bookEn, zh as bookZh } from "../book/words";
import { en as farmersEn, zh as farmersZh } from "../farmers/words";
import { en as portfolioEn, zh as portfolioZh } from "../portfolio/words";
import { en as runsEn, zh as runsZh } from "../runs/words";
import { en as policyEn, zh as policyZh } from "../policy/words";
import { en as parcelEn, zh as parcelZh } from "../parcel/words";
import { en as peopleEn, zh as peopleZh } from "../people/words";
import { en as sitesEn, zh as sitesZh } from "../sites/words";
import { en as workEn, zh as workZh } from "../jobs/words";
import { en as frameEn } from "./en";
import { zh as frameZh } from "./zh";

const en = { ...frameEn, ...decisionsEn, ...applicationsEn, ...mapEn, ...drawingEn, ...visitsEn, ...bookEn, ...farmersEn, ...portfolioEn, ...runsEn, ...policyEn, ...parcelEn, ...peopleEn, ...sitesEn, ...workEn } as const;

export type OfficeKey = keyof typeof en;
export type OfficeWords = Record<OfficeKey, string>;
export type OfficeSpeech = Speech<OfficeKey>;

const zh: OfficeWords = { ...frameZh, ...decisionsZh, ...applicationsZh, ...mapZh, ...drawingZh, ...visitsZh, ...bookZh, ...farmersZh, ...portfolioZh, ...runsZh, ...policyZh, ...parcelZh, ...peopleZh, ...sitesZh, ...workZh };

export const OFFICE_DICTIONARIES: Record<Language, OfficeWords> = { en, zh };
