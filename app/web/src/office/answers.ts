/** What the service of an institution answers: names for the pages, types from its OpenAPI document (npm run types). */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Money = Schemas["Money"];
export type Limit = Schemas["Limit"];
export type Area = Schemas["Area"];
export type ObservationStatus = Schemas["Status"];
export type Names = Schemas["BothNames"];
export type Unit = Schemas["Unit"];

export type Level = Schemas["AlertLevel"];
export type Scope = Schemas["AlertScope"];
export type AlertStatus = Schemas["AlertStatus"];
export type Role = Schemas["UserRole"];
export type Outcome = Schemas["VisitOutcome"];
export type Basis = Schemas["Basis"];
export type EventKind = Schemas["AlertEventKind"];

/** Somebody who works here. */
export type Colleague = Schemas["Assignee"];
/** Who is signed in; of the unit and those below it they see all, of others nothing. */
export type Person = Schemas["Me"];

export type LoanPart = Schemas["DeskLoan"];
export type Alert = Schemas["DeskAlert"];
export type Causes = Record<string, Names>;
export type WorkList = Schemas["AlertList"];
export type Picture = Schemas["AlertPicture"];
export type Evidence = Schemas["AlertEvidence"];
export type AlertEvent = Schemas["AlertChange"];
export type VisitLine = Schemas["VisitLine"];
export type VisitLines = Schemas["VisitLines"];
export type Signal = Schemas["AlertSignal"];
export type Story = Schemas["AlertStory"];
/** Numbers of the alerts that changed, and of those that were so already. */
export type Done = Schemas["ActDone"];

export type ParcelFile = Schemas["ParcelFile"];
export type Curve = Schemas["ParcelCurve"];
export type MarkerKind = Schemas["MarkKind"];

export type Today = Schemas["TodayPage"];
export type Proposal = Schemas["WaitingLimit"];
export type VisitTask = Schemas["TodayVisit"];
