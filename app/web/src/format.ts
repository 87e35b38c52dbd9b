/** Numbers, money, areas and days as people write them. Money stays a decimal string until it is written out. */
import type { Money } from "./api";
import type { Language } from "./i18n";

export type AreaUnit = "ha" | "mu" | "acre";

const PER_HECTARE: Record<AreaUnit, number> = { ha: 1, mu: 15, acre: 1 / 0.40468564224 };

/** Locale of numbers: Indian amounts in English are grouped in lakh, as their readers expect. */
export function localeOf(language: Language, currency?: string): string {
  if (language === "zh") return "zh-CN";
  return currency === "INR" ? "en-IN" : "en-GB";
}

/** "¥ 12,345.00": whole amounts lose their empty decimals. */
export function formatMoney(money: Money, language: Language, options: { cents?: boolean } = {}): string {
  const whole = !options.cents && /^-?\d+(\.0+)?$/.test(money.amount);
  const format = new Intl.NumberFormat(localeOf(language, money.currency), {
    style: "currency",
    currency: money.currency,
    currencyDisplay: "narrowSymbol",
    ...(whole && { minimumFractionDigits: 0, maximumFractionDigits: 0 }),
  });
  return format.format(money.amount as Intl.StringNumericLiteral).replace("-", "\u2212");
}

/** Effect of a receipt line: always signed, always with its decimals, so that a column lines up. */
export function formatEffect(amount: string, currency: string, language: Language): string {
  const format = new Intl.NumberFormat(localeOf(language, currency), {
    minimumFractionDigits: decimalsOf(amount),
    signDisplay: "exceptZero",
  });
  return format.format(amount as Intl.StringNumericLiteral).replace("-", "\u2212");
}

/** Sum of decimal strings, exactly. */
export function sumDecimals(amounts: readonly string[]): string {
  const decimals = Math.max(0, ...amounts.map(decimalsOf));
  const total = amounts.reduce((sum, amount) => sum + minorOf(amount, decimals), 0n);
  const digits = (total < 0n ? -total : total).toString().padStart(decimals + 1, "0");
  const cut = digits.length - decimals;
  const text = decimals ? `${digits.slice(0, cut)}.${digits.slice(cut)}` : digits;
  return total < 0n ? `-${text}` : text;
}

/** Amount in a currency from its smallest unit. */
export function moneyOfMinor(minor: number, currency: string, digits: number): Money {
  return { amount: (minor / 10 ** digits).toFixed(digits), currency };
}

export function formatNumber(value: number, language: Language, decimals = 0): string {
  const format = new Intl.NumberFormat(localeOf(language), {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
  return format.format(value);
}

export function formatShare(share: number, language: Language): string {
  return new Intl.NumberFormat(localeOf(language), { style: "percent", maximumFractionDigits: 0 }).format(share);
}

export function areaIn(areaHa: number, unit: AreaUnit): number {
  return areaHa * PER_HECTARE[unit];
}

/** Enough digits to tell small plots apart, no more. */
export function formatArea(value: number, language: Language): string {
  return formatNumber(value, language, value >= 1000 ? 0 : value >= 100 ? 1 : 2);
}

/** An instant in the reader's own time zone. */
export function formatInstant(instant: string, language: Language): string {
  return new Intl.DateTimeFormat(localeOf(language), { dateStyle: "medium", timeStyle: "short" }).format(new Date(instant));
}

/** Day as "14 May 2026" or "2026年5月14日". */
export function formatDay(iso: string, language: Language): string {
  const format = new Intl.DateTimeFormat(localeOf(language), { dateStyle: language === "zh" ? "long" : "medium", timeZone: "UTC" });
  return format.format(new Date(`${iso}T00:00:00Z`));
}

/** Span of days, what both share said once: "2 Mar – 12 Jun 2026" or "2026年3月2日至6月12日". */
export function formatSpan(start: string, end: string, language: Language): string {
  if (language === "zh") return spanInChinese(start, end);
  const format = new Intl.DateTimeFormat(localeOf(language), { dateStyle: "medium", timeZone: "UTC" });
  return format.formatRange(new Date(`${start}T00:00:00Z`), new Date(`${end}T00:00:00Z`));
}

function spanInChinese(start: string, end: string): string {
  const last = formatDay(end, "zh");
  const sameYear = start.slice(0, 4) === end.slice(0, 4);
  return `${formatDay(start, "zh")}至${sameYear ? last.replace(/^\d+年/, "") : last}`;
}

/** Day without its year, for marks on the curve. */
export function formatShortDay(iso: string, language: Language): string {
  const format = new Intl.DateTimeFormat(localeOf(language), { day: "numeric", month: "short", timeZone: "UTC" });
  return format.format(new Date(`${iso}T00:00:00Z`));
}

function decimalsOf(amount: string): number {
  return amount.split(".")[1]?.length ?? 0;
}

function minorOf(amount: string, decimals: number): bigint {
  const [whole = "0", rest = ""] = amount.split(".");
  return BigInt(whole + rest.padEnd(decimals, "0"));
}
