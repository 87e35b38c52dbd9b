/** What the service of an institution answers. Money comes as decimal strings, days as ISO dates, shares as 0..1. */
import type { components } from "../schema";

type Schemas = components["schemas"];
export type Money = Schemas["Money"];
export type Limit = Schemas["Limit"];
export type Area = Schemas["Area"];
export type ObservationStatus = Schemas["Status"];

export type Level = "info" | "watch" | "warning" | "action";
export type Scope = "own" | "regional" | "unclear";
export type AlertStatus = "open" | "acknowledged" | "visited" | "closed" | "false_alarm";
export type Role = "officer" | "reviewer" | "risk" | "admin";
export type Outcome = "confirmed" | "partly" | "not_confirmed" | "other_cause" | "not_reached";
export type Basis = "outstanding" | "drawing" | "sanctioned" | "unknown";
export type EventKind =
  | "opened"
  | "raised"
  | "lowered"
  | "ended"
  | "withdrawn"
  | "reopened"
  | "acknowledged"
  | "assigned"
  | "visited"
  | "closed"
  | "false_alarm"
  | "noted";

export interface Names {
  en: string;
  zh: string;
}

export interface Unit {
  code: string;
  name: string;
}

/** Somebody who works here. */
export interface Colleague {
  login: string;
  display_name: string;
  role: Role;
}

/** Who is signed in; of the unit and those below it they see all, of others nothing. */
export interface Person extends Colleague {
  id: number;
  unit: Unit;
  language: string;
}

/** A parcel's part of one facility; amount null: not known. */
export interface LoanPart {
  facility_number: string;
  basis: Basis;
  amount: Money | null;
  /** Parcels that back the facility together. */
  plots: number;
}

/** An alert as a list has it; null: not known, or nobody. */
export interface Alert {
  number: number;
  parcel_id: string;
  unit: string | null;
  cause: string;
  season_id: string;
  opened_on: string;
  changed_on: string;
  /** Day from which the imagery shows it no longer; null: it still does. */
  ended_on: string | null;
  level: Level;
  scope: Scope;
  status: AlertStatus;
  assigned_to: string | null;
  severity: number | null;
  probability: number | null;
  at_risk: number | null;
  exposure: Money | null;
  expected_loss: Money | null;
  loans: LoanPart[];
}

export type Causes = Record<string, Names>;

export interface WorkList {
  day: string;
  /** In which expected losses are ranked; null where no loan is known. */
  currency: string | null;
  other_currencies: string[];
  found: number;
  /** How many of all have no expected loss; they come last. */
  unknown: number;
  /** Names of the causes that occur in the whole list. */
  causes: Causes;
  alerts: Alert[];
}

export interface Picture {
  day: string;
  url: string;
}

/** What a change of an alert rests on. */
export interface Evidence {
  happened_on: string;
  dates: string[];
  values: (number | null)[];
  value: number | null;
  expected: { low: number | null; high: number | null };
  neighbours_fallen: number | null;
  why: string;
  rule: string;
  rules: { id: string; hash: string };
  /** Whether the rules at hand are those that raised it, to the letter. */
  same_rules: boolean;
  chips: { before?: Picture; after?: Picture };
}

export interface AlertEvent {
  kind: EventKind;
  happened_on: string;
  level: Level;
  by: string | null;
  to: string | null;
  note: string | null;
}

export interface Visit {
  captured_at: string;
  by: string;
  with: string;
  outcome: Outcome;
  cause_found: string | null;
  loss_share: number | null;
  distance_m: number | null;
  far: boolean;
  note: string | null;
}

export interface Signal {
  kind: string;
  source: string;
  as_of: string;
  said: string;
  starts_on: string;
  ends_on: string | null;
}

export interface Story {
  alert: Alert;
  cause: Names;
  looks_for: Names | null;
  /** What the rules make of its scope. */
  answer: Names | null;
  event_on: string | null;
  evidence: Evidence | null;
  history: AlertEvent[];
  visits: Visit[];
  signals: Signal[];
  /** Insurance, claims and relief beside it, in whole sentences. */
  beside: { en: string[]; zh: string[] };
}

export interface Season {
  id: string;
  start: string;
  end: string;
}

/** A parcel as the institution's book and its last run know it. */
export interface ParcelFile {
  parcel_id: string;
  unit: Unit | null;
  village: string | null;
  farmer: { id: string; name: string | null } | null;
  area: Area;
  area_unit: keyof Area;
  position: { lon: number; lat: number } | null;
  season: Season | null;
  run_id: string | null;
  simulated: boolean;
  status: ObservationStatus | null;
  crop: string | null;
  crop_prob: number | null;
  crop_set: string[];
  declared_crop: string | null;
  crops: Record<string, Names>;
  vigour_pct: number | null;
  limit: Limit | null;
  loans: LoanPart[];
  alerts: Alert[];
  causes: Causes;
}

export type MarkerKind = "sowing" | "emergence" | "canopy" | "peak" | "harvest";

/** The season of a parcel: what was seen, what was expected, and what its neighbours did. NDVI throughout. */
export interface Curve {
  parcel_id: string;
  season: Season;
  looks: { date: string[]; ndvi: (number | null)[]; clear_share: number[] };
  expected: { date: string[]; low: (number | null)[]; high: (number | null)[] } | null;
  neighbours: { count: number; date: string[]; median: (number | null)[] } | null;
  markers: { kind: MarkerKind; day: string }[];
}

export interface Section<Line> {
  total: number;
  lines: Line[];
}

export interface LoanDue {
  facility_number: string;
  parcel_id: string | null;
  due_on: string;
  days_left: number;
  amount: Money | null;
  /** Highest level of a live alert on its parcels. */
  level: Level | null;
}

export interface ClaimDue {
  alert: number;
  parcel_id: string;
  cause: string;
  last_day: string;
  days_left: number;
}

export interface PaperDue {
  kind: Names;
  subject: string;
  parcel_id: string | null;
  expires_on: string;
  days_left: number;
}

export interface Proposal {
  number: number;
  parcel_id: string | null;
  subject: string;
  from: Money | null;
  to: Money;
  proposed_by: string | null;
  proposed_on: string;
}

export interface VisitTask {
  rank: number;
  parcel_id: string;
  village: string | null;
  alert: number | null;
  level: Level | null;
  drawn_by: "ranked" | "random" | "asked";
  done: boolean;
}

export interface Today {
  day: string;
  alerts: { by_level: Record<Level, number>; unassigned: number; causes: Causes; first: Alert[] };
  overdue: Section<LoanDue>;
  maturing: Section<LoanDue>;
  claims: Section<ClaimDue>;
  papers: Section<PaperDue>;
  proposals: Section<Proposal>;
  /** Null: no list was drawn for the week. */
  visits: { week: string; tasks: VisitTask[] } | null;
}

/** Numbers of the alerts that changed, and of those that were so already. */
export interface Done {
  changed: number[];
  already: number[];
}
