/** A service made up for tests: one branch, a handful of alerts, one parcel. No figure in it was measured. */
import type { Alert, AlertStatus, Causes, Colleague, Curve, Level, Limit, ParcelFile, Person, Story, Today, WorkList } from "../../src/office/answers";

export const OFFICER: Person = { id: 3, login: "chen", display_name: "Chen Li", role: "officer", unit: { code: "XH", name: "Xihe branch" }, language: "zh", simulated: true };
export const COLLEAGUES: Colleague[] = [
  { login: "chen", display_name: "Chen Li", role: "officer" },
  { login: "wang", display_name: "Wang Min", role: "reviewer" },
];
export const PASSWORD = "a long password for tests";

export const CAUSES: Causes = {
  abrupt: { en: "Sudden loss of green", zh: "绿度突降" },
  not_sown: { en: "Not sown", zh: "未播种" },
  slow: { en: "Slow decline", zh: "缓慢衰退" },
};

const money = (amount: string): { amount: string; currency: string } => ({ amount, currency: "CNY" });

export function alertOf(number: number, level: Level, more: Partial<Alert> = {}): Alert {
  return {
    number,
    parcel_id: `XH-00${number}`,
    unit: "XH",
    cause: "abrupt",
    season_id: "2024-02-01..2024-09-30",
    opened_on: "2024-06-03",
    changed_on: "2024-06-11",
    ended_on: null,
    level,
    scope: "own",
    status: "open",
    assigned_to: null,
    stopped_on: null,
    severity: 0.62,
    probability: 0.71,
    at_risk: 0.58,
    exposure: money("82000.00"),
    expected_loss: money("33767.60"),
    loans: [{ facility_number: "F-2024-0117", basis: "outstanding", amount: money("82000.00"), plots: 3 }],
    ...more,
  };
}

export const ALERTS: Alert[] = [
  alertOf(11, "action"),
  alertOf(12, "warning", { scope: "regional", assigned_to: "wang", status: "acknowledged", expected_loss: money("18210.40"), severity: 0.41 }),
  alertOf(13, "warning", { cause: "not_sown", parcel_id: "XH-0013", expected_loss: money("9400.00"), opened_on: "2024-05-20" }),
  alertOf(14, "watch", { cause: "slow", scope: "unclear", expected_loss: money("1250.00"), severity: 0.18, probability: 0.34 }),
  alertOf(15, "watch", { status: "visited", assigned_to: "chen", expected_loss: money("980.50"), severity: 0.2 }),
  alertOf(16, "info", { expected_loss: null, exposure: null, probability: null, severity: null, loans: [] }),
];

/** Ten days apart from February on: up, a peak in May, a fall in June. */
const CURVE_DAYS = Array.from({ length: 24 }, (_, at) => new Date(Date.UTC(2024, 1, 5 + at * 10)).toISOString().slice(0, 10));
const RISE = [0.22, 0.23, 0.25, 0.3, 0.38, 0.47, 0.58, 0.68, 0.76, 0.81, 0.84, 0.85, 0.83, 0.78, 0.7, 0.58, 0.45, 0.35, 0.3, 0.28, 0.27, 0.26, 0.26, 0.25];
const SEEN = [0.21, 0.22, 0.26, 0.31, 0.37, null, 0.57, 0.69, 0.77, 0.8, 0.83, 0.84, 0.43, 0.4, null, 0.33, 0.3, 0.28, 0.27];

export const CURVE: Curve = {
  parcel_id: "XH-0011",
  run_id: "xihe-2024-06-14",
  season: { id: "2024-02-01..2024-09-30", start: "2024-02-01", end: "2024-09-30" },
  looks: { date: CURVE_DAYS.slice(0, SEEN.length), ndvi: SEEN, clear_share: SEEN.map((ndvi, at) => (ndvi === null ? 0 : at % 6 === 2 ? 0.3 : 0.95)) },
  expected: { date: CURVE_DAYS, low: RISE.map((value) => value - 0.09), high: RISE.map((value) => value + 0.08) },
  neighbours: { count: 28, date: CURVE_DAYS.slice(0, 19), median: RISE.slice(0, 19).map((value) => value - 0.01) },
  markers: [
    { kind: "start", day: "2024-03-02", low: "2024-02-24", high: "2024-03-09" },
    { kind: "peak", day: "2024-05-25", low: null, high: null },
  ],
};

const LIMIT: Limit = {
  amount: money("61900.00"),
  low: money("54300.00"),
  high: money("66200.00"),
  currency: "CNY",
  needs_visit: true,
  adds_up: true,
  policy_id: "cn-grain-1",
  policy_hash: "5b1f9a".repeat(10),
  reasons: [
    { code: "PRODUCTION", facts: {}, en: "Cost of growing 42.6 mu of winter wheat", zh: "42.6亩冬小麦的种植成本", effect: "88552.08" },
    { code: "OWN_SHARE", facts: {}, en: "30 % are the farmer's own means", zh: "农户自筹30%", effect: "-26565.62" },
    { code: "ROUNDING", facts: {}, en: "Rounded down to whole hundreds", zh: "向下取整到百元", effect: "-86.46" },
  ],
};

const XH = { list_unit: "XH", unit: { code: "XH", name: "Xihe branch" } };

export const PARCEL: ParcelFile = {
  parcel_id: "XH-0011",
  unit: { code: "XH", name: "Xihe branch" },
  village: { code: "371522103201", name: "Liuzhuang" },
  site: null,
  farmer: { id: "N-20417", name: null },
  area: { ha: 2.84, mu: 42.6, acre: 7.02 },
  area_unit: "mu",
  position: { lon: 115.42318, lat: 34.91207 },
  bounds: [115.42211, 34.91102, 115.42425, 34.91312],
  season: CURVE.season,
  run_id: "xihe-2024-06-14",
  simulated: true,
  status: "OK",
  crop: "winter_wheat",
  crop_prob: 0.97,
  crop_set: ["winter_wheat"],
  declared_crop: "winter_wheat",
  crops: { winter_wheat: { en: "Winter wheat", zh: "冬小麦" } },
  vigour_pct: 71,
  seen: { cropped_area_ha: 2.8, ndvi_peak: 0.85, sos: "2024-03-02", pos: "2024-05-25", eos: null, clear_dates: 17, cycles: [] },
  limit: LIMIT,
  limit_of: "proposal",
  proposal: { number: 71, status: "open", outcome: null, decided: null, decided_on: null },
  loans: alertOf(11, "action").loans,
  alerts: [alertOf(11, "action"), alertOf(9, "watch", { parcel_id: "XH-0011", status: "closed", ended_on: "2024-04-20", cause: "slow", opened_on: "2024-04-02" })],
  causes: CAUSES,
};

export function storyOf(alert: Alert): Story {
  return {
    alert,
    cause: CAUSES[alert.cause] ?? { en: alert.cause, zh: alert.cause },
    looks_for: { en: "lodged or cut stand, hail marks, standing water", zh: "倒伏或割青、雹痕、积水" },
    answer: { en: "A parcel that fell alone asks for a visit and a conversation", zh: "单独下降的地块需要走访和面谈" },
    event_on: "2024-06-01",
    site: null,
    evidence: {
      happened_on: "2024-06-11",
      dates: ["2024-05-25", "2024-06-04"],
      values: [0.84, 0.43],
      value: 0.43,
      expected: { low: 0.74, high: null },
      unit: "ndvi",
      neighbours_fallen: 0.07,
      why: "A fall of 0.41 that two looks bear out.",
      rule: "growth.losses",
      rules: { id: "growth-1", hash: "c0ffee".repeat(10) },
      same_rules: true,
      chips: { before: null, after: null },
    },
    history: [
      { kind: "opened", happened_on: "2024-06-03", level: "watch", by: null, to: null, note: null },
      { kind: "raised", happened_on: "2024-06-11", level: alert.level, by: null, to: null, note: null },
    ],
    visits: [],
    signals: [{ kind: "weather_warning", source: "weather service", as_of: "2024-06-01", said: "Hail expected", starts_on: "2024-06-01", ends_on: "2024-06-02" }],
    beside: { en: ["Crop insurance, last day of notice 18 June 2024: 4 days left."], zh: ["种植业保险，最迟报案日 2024年6月18日：还剩4天。"] },
  };
}

export const TODAY: Today = {
  day: "2024-06-14",
  alerts: { by_level: { action: 1, warning: 2, watch: 2, info: 1 }, unassigned: 4, causes: CAUSES, first: ALERTS.slice(0, 3) },
  overdue: { total: 1, lines: [{ facility_number: "F-2023-0402", parcel_id: "XH-0013", due_on: "2024-06-09", days_left: -5, amount: money("12500.00"), level: "warning" }] },
  maturing: { total: 9, lines: [{ facility_number: "F-2023-0455", parcel_id: null, due_on: "2024-06-20", days_left: 6, amount: money("40000.00"), level: null }] },
  claims: { total: 1, lines: [{ alert: 11, parcel_id: "XH-0011", cause: "abrupt", last_day: "2024-06-15", days_left: 1 }] },
  papers: { total: 1, lines: [{ kind: { en: "Lease", zh: "租赁合同" }, subject: "L-881", parcel_id: "XH-0014", expires_on: "2024-07-01", days_left: 17 }] },
  proposals: {
    total: 3,
    lines: [
      { number: 71, parcel_id: "XH-0011", subject: "XH-0011", before: money("70000.00"), to: money("61900.00"), proposed_by: null, proposed_on: "2024-06-12" },
      { number: 72, parcel_id: "XH-0014", subject: "XH-0014", before: null, to: money("38400.00"), proposed_by: "wang", proposed_on: "2024-06-13" },
      { number: 73, parcel_id: null, subject: "N-20417", before: money("20000.00"), to: money("26000.00"), proposed_by: "chen", proposed_on: "2024-06-13" },
    ],
  },
  visits: {
    week: "2024-W24",
    way_m: 12_340,
    tasks: [
      { rank: 1, parcel_id: "XH-0011", ...XH, village: { code: "371522103201", name: "Liuzhuang" }, alert: 11, level: "action", drawn_by: "ranked", done: false },
      { rank: 3, parcel_id: "XH-0012", ...XH, village: { code: "371522103201", name: "Liuzhuang" }, alert: 12, level: "warning", drawn_by: "ranked", done: false },
      { rank: 4, parcel_id: "XH-0207", ...XH, village: null, alert: null, level: null, drawn_by: "random", done: false },
      { rank: 2, parcel_id: "XH-0013", ...XH, village: { code: "371522103202", name: "Dongpo" }, alert: 13, level: "warning", drawn_by: "ranked", done: true },
    ],
  },
};

const problem = (status: number, code: string, message: string, remedy = "", headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify({ code, message, remedy }), { status, headers: { "Content-Type": "application/problem+json", ...headers } });
const json = (answer: unknown, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(answer), { headers: { "Content-Type": "application/json", ...headers } });
const CSRF_COOKIE = "__Host-acreline-csrf";

const STATUS_AFTER: Record<string, AlertStatus | undefined> = { acknowledge: "acknowledged", close: "closed", "false-alarm": "false_alarm", reopen: "open" };

/** Answers requests as the service would, and remembers what was done. */
export class FakeService {
  readonly asked: { method: string; url: string; headers: Headers; body: unknown }[] = [];
  private wrong = 0;
  signedIn: boolean;
  alerts = ALERTS.map((alert) => ({ ...alert }));

  constructor(start: { signedIn: boolean } = { signedIn: false }) {
    this.signedIn = start.signedIn;
  }

  send = async (url: string, request: RequestInit): Promise<Response> => {
    const method = request.method ?? "GET";
    const body: unknown = typeof request.body === "string" ? JSON.parse(request.body) : null;
    const headers = new Headers(request.headers);
    this.asked.push({ method, url, headers, body });
    const { pathname, searchParams } = new URL(url, "http://localhost");
    const path = pathname.replace("/api/v1", "");
    if (path === "/session" && method === "POST") return this.signIn(body as { login?: string; password?: string });
    if (!this.signedIn) return problem(401, "NOT_SIGNED_IN", "Nobody is signed in, or the session ended.", "Sign in.");
    if (method !== "GET" && headers.get("X-CSRF-Token") !== "token") return problem(403, "CSRF_REFUSED", "The header X-CSRF-Token does not fit.", "Load the page again.");
    if (path === "/session") return this.signOut();
    if (path === "/me") return json(OFFICER);
    if (method === "POST") return this.act(path, body as { numbers: number[]; to?: string });
    return this.read(path, searchParams);
  };

  /** What a script of the page reads of its cookies. */
  get cookies(): string {
    return this.signedIn ? "theme=x; __Host-acreline-csrf=token" : "";
  }

  private signIn({ login, password }: { login?: string; password?: string }): Response {
    this.signedIn = login === OFFICER.login && password === PASSWORD;
    if (this.signedIn) return json(OFFICER, { "Set-Cookie": `${CSRF_COOKIE}=token; Path=/; Secure; SameSite=Lax` });
    this.wrong += 1;
    if (this.wrong > 3) return problem(429, "SIGN_IN_THROTTLED", "There were too many failed tries to sign in.", "Try again in 2 minutes.", { "Retry-After": "90" });
    return problem(401, "SIGN_IN_REFUSED", "Login or password is wrong.", "Try again, or ask an administrator.");
  }

  private signOut(): Response {
    this.signedIn = false;
    return new Response(null, { status: 204, headers: { "Set-Cookie": `${CSRF_COOKIE}=; Path=/; Secure; Max-Age=0` } });
  }

  private read(path: string, query: URLSearchParams): Response {
    const [, head, id, part] = path.split("/").map(decodeURIComponent);
    if (path === "/today") return json(TODAY);
    if (path === "/alerts/assignees") return json(COLLEAGUES);
    if (path === "/alerts") return json(this.list(query));
    const alert = [...this.alerts, ...PARCEL.alerts].find((each) => each.number === Number(id));
    if (head === "alerts" && alert) return json(storyOf(alert));
    if (head === "parcels" && id === PARCEL.parcel_id) return json(part === "curve" ? CURVE : { ...PARCEL, alerts: [this.alerts[0], PARCEL.alerts[1]] });
    if (head === "parcels" && part === "curve") return problem(404, "CURVE_NONE", "No run has looked at the parcel.");
    const known = this.alerts.filter((each) => each.parcel_id === id);
    if (head === "parcels" && id && known.length) return json({ ...PARCEL, parcel_id: id, alerts: known, limit: null, crop: null, crop_set: [], status: null, run_id: null });
    return problem(404, "PARCEL_UNKNOWN", `There is no parcel ${id}.`, "Look for it on the map.");
  }

  private list(query: URLSearchParams): WorkList {
    const levels = query.getAll("level");
    const live = ["open", "acknowledged", "visited"];
    const which = query.get("which") ?? "live";
    const fits = this.alerts.filter(
      (alert) =>
        (!levels.length || levels.includes(alert.level)) &&
        (which === "live" ? live.includes(alert.status) : which === "all" || alert.status === which) &&
        (query.get("mine") !== "true" || alert.assigned_to === OFFICER.login) &&
        [null, alert.cause].includes(query.get("cause")) &&
        [null, alert.scope].includes(query.get("scope") as Alert["scope"] | null),
    );
    const unknown = fits.filter((alert) => alert.expected_loss === null).length;
    return { day: TODAY.day, currency: "CNY", other_currencies: [], found: fits.length, unknown, causes: CAUSES, alerts: fits.slice(0, Number(query.get("limit") ?? 50)) };
  }

  private act(path: string, { numbers, to }: { numbers: number[]; to?: string }): Response {
    const act = path.split("/")[2] ?? "";
    const status = STATUS_AFTER[act];
    const wanted = this.alerts.filter((alert) => numbers.includes(alert.number));
    const already = wanted.filter((alert) => (act === "assign" ? alert.assigned_to === to : status !== undefined && (alert.status === status || alert.status === "visited")));
    const changed = wanted.filter((alert) => !already.includes(alert));
    for (const alert of changed) {
      if (status) alert.status = status;
      if (act === "assign") alert.assigned_to = to ?? null;
    }
    return json({ changed: changed.map((alert) => alert.number), already: already.map((alert) => alert.number) });
  }
}
