/** Every word of the page, in English and Chinese. A key missing in one of them does not compile. */
import { en } from "./words.en";
import { zh } from "./words.zh";

export type Language = "en" | "zh";
export type Key = keyof typeof en;
export type Words = Record<Key, string>;

export const DICTIONARIES: Record<Language, Words> = { en, zh };

const STORED = "acreline.language";

/** "{n} parcels" with values put in. */
export function fill(text: string, values: Record<string, string | number> = {}): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** The language asked for in the address, else the one chosen last, else the browser's. */
export function initialLanguage(search: string, stored: string | null, browser: string): Language {
  const asked = new URLSearchParams(search).get("lang") ?? stored ?? browser;
  return asked.toLowerCase().startsWith("zh") ? "zh" : "en";
}

/** The words of one language at a time, of the dictionaries of one page; listeners redraw what they own. */
export class Speech<Word extends string = Key> {
  private listeners: (() => void)[] = [];

  constructor(
    private spoken: Language,
    private readonly dictionaries: Record<Language, Record<Word, string>>,
  ) {}

  get language(): Language {
    return this.spoken;
  }

  /** Words for a key. */
  say = (key: Word, values?: Record<string, string | number>): string => fill(this.dictionaries[this.spoken][key], values);

  /** The one of two names that fits. */
  pick = (names: { en: string; zh: string }): string => (this.spoken === "zh" ? names.zh : names.en);

  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  speak(language: Language): void {
    this.spoken = language;
    keep(language);
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
    for (const listener of this.listeners) listener();
  }
}

export function stored(): string | null {
  try {
    return localStorage.getItem(STORED);
  } catch {
    return null; // storage is switched off: the browser's language is used
  }
}

function keep(language: Language): void {
  try {
    localStorage.setItem(STORED, language);
  } catch {
    // storage is switched off: the choice lasts as long as the page
  }
}
