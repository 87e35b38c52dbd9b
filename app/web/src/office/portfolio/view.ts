/** What the page of the portfolio shows, as its address keeps it, and where its files are. */
import { writePlace } from "../place";

export const CUTS = ["branch", "crop", "class", "product", "status"] as const;
export type CutBy = (typeof CUTS)[number];

export interface View {
  by: CutBy;
  /** Null: today. */
  day: string | null;
}

export function readView(query: string): View {
  const asked = new URLSearchParams(query);
  const by = CUTS.find((each) => each === asked.get("by")) ?? "branch";
  const day = asked.get("day");
  return { by, day: day !== null && /^\d{4}-\d{2}-\d{2}$/.test(day) ? day : null };
}

export function viewQuery({ by, day }: View): string {
  return new URLSearchParams({ by, ...(day !== null && { day }) }).toString();
}

export function viewAddress(view: View): string {
  return writePlace("portfolio", [], viewQuery(view));
}

/** Address of a file of the service. */
export function fileAddress(view: View, what: "table" | "parcels" | "facilities", kind: "csv" | "xlsx"): string {
  const day = view.day === null ? "" : `day=${view.day}`;
  return what === "table" ? `/api/v1/portfolio.${kind}?${viewQuery(view)}` : `/api/v1/portfolio/${what}.${kind}${day && `?${day}`}`;
}

/** Share of the widest bar, 0..1; a bar that stands for something is never invisible. */
export function barWidth(count: number, most: number): number {
  return count === 0 || most === 0 ? 0 : Math.max(count / most, 0.004);
}
