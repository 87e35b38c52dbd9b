/** Amounts as decimal strings: read strictly, summed exactly, drawn to scale. */
import type { Money } from "../../api";
import { sumDecimals } from "../../format";

/** A typed amount as the service takes it, "13000" or "13000.50"; null where it is none. Grouping marks are dropped where they stand in threes. */
export function parseAmount(typed: string): string | null {
  const text = typed.trim();
  const plain = /^\d{1,3}([,  ]\d{3})+(\.\d{1,3})?$/.test(text) ? text.replace(/[,  ]/g, "") : text;
  return /^\d{1,13}(\.\d{1,3})?$/.test(plain) ? plain.replace(/^0+(?=\d)/, "") : null;
}

/** -1, 0 or 1: how two decimal strings compare. */
export function compareAmounts(one: string, other: string): number {
  const text = sumDecimals([one, other.startsWith("-") ? other.slice(1) : `-${other}`]);
  if (/^-?0*(\.0*)?$/.test(text)) return 0;
  return text.startsWith("-") ? -1 : 1;
}

/** Sums by currency, in the order in which currencies come. */
export function sumsByCurrency(amounts: readonly Money[]): Money[] {
  const currencies = [...new Set(amounts.map((money) => money.currency))];
  return currencies.map((currency) => ({
    currency,
    amount: sumDecimals(amounts.filter((money) => money.currency === currency).map((money) => money.amount)),
  }));
}

export interface BarScale {
  before: number | null;
  after: number | null;
  low: number | null;
  high: number | null;
}

/** Lengths of bars in hundredths of the longest: for drawing only, never for figures. */
export function barScale(page: Record<keyof BarScale, Money | null>): BarScale {
  const values = [page.before, page.after, page.low, page.high].map((money) => (money === null ? 0 : Number(money.amount)));
  const most = Math.max(...values);
  const part = (money: Money | null): number | null => (money === null || most === 0 ? null : Math.round((Number(money.amount) / most) * 1000) / 10);
  return { before: part(page.before), after: part(page.after), low: part(page.low), high: part(page.high) };
}
