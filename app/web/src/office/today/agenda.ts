/** What has a day by which it must be done, in one order: the day first. */
import type { Level, Money, Names, Today } from "../answers";

export type MatterKind = "claim" | "overdue" | "maturing" | "paper";

export interface Matter {
  kind: MatterKind;
  day: string;
  daysLeft: number;
  /** Cause key of a claim, facility number of a loan, subject of a paper. */
  subject: string;
  paper: Names | null;
  parcel: string | null;
  alert: number | null;
  amount: Money | null;
  level: Level | null;
}

export type Urgency = "passed" | "now" | "soon" | "later";

/** Days that count as now, and as soon. */
const NOW_DAYS = 2;
const SOON_DAYS = 7;

/** A claim lost cannot be made up for, so it comes first of its day. */
const ORDER: readonly MatterKind[] = ["claim", "overdue", "maturing", "paper"];

export function urgencyOf(daysLeft: number): Urgency {
  if (daysLeft < 0) return "passed";
  if (daysLeft <= NOW_DAYS) return "now";
  return daysLeft <= SOON_DAYS ? "soon" : "later";
}

/** All matters with a day. What can still be met stands first by its day; what has passed follows, the latest first. */
export function agendaOf(today: Pick<Today, "claims" | "overdue" | "maturing" | "papers">): Matter[] {
  const matters = [...claims(today), ...loans("overdue", today), ...loans("maturing", today), ...papers(today)];
  return matters.sort(byDay);
}

function byDay(one: Matter, other: Matter): number {
  const passed = Number(one.daysLeft < 0) - Number(other.daysLeft < 0);
  if (passed !== 0) return passed;
  const days = one.daysLeft < 0 ? other.daysLeft - one.daysLeft : one.daysLeft - other.daysLeft;
  return days || ORDER.indexOf(one.kind) - ORDER.indexOf(other.kind);
}

function claims({ claims }: Pick<Today, "claims">): Matter[] {
  return claims.lines.map((line) => ({
    kind: "claim",
    day: line.last_day,
    daysLeft: line.days_left,
    subject: line.cause,
    paper: null,
    parcel: line.parcel_id,
    alert: line.alert,
    amount: null,
    level: null,
  }));
}

function loans(kind: "overdue" | "maturing", today: Pick<Today, "overdue" | "maturing">): Matter[] {
  return today[kind].lines.map((line) => ({
    kind,
    day: line.due_on,
    daysLeft: line.days_left,
    subject: line.facility_number,
    paper: null,
    parcel: line.parcel_id,
    alert: null,
    amount: line.amount,
    level: line.level,
  }));
}

function papers({ papers }: Pick<Today, "papers">): Matter[] {
  return papers.lines.map((line) => ({
    kind: "paper",
    day: line.expires_on,
    daysLeft: line.days_left,
    subject: line.subject,
    paper: line.kind,
    parcel: line.parcel_id,
    alert: null,
    amount: null,
    level: null,
  }));
}
