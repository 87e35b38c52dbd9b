/** One parcel: its energy site or its season, its alerts with what they rest on, visits, its limit, its loans. */
import { ApiError } from "../../api";
import { el } from "../../dom";
import { formatArea } from "../../format";
import type { Alert, Area, Colleague, Curve, ParcelFile, Story, VisitLines } from "../answers";
import { worksWithAlerts } from "../alerts/acts";
import { WORK_LIST } from "../alerts/filter";
import { parcelOnMap } from "../map/view";
import { LENDING, type Draw, type Office, type Room } from "../office";
import { readParcel } from "./address";
import { alertsSection } from "./alerts";
import { cropFacts } from "./crop";
import { curveSection } from "./curve";
import { limitSection, loansSection } from "./limit";
import "./parcel.css";
import { siteSection } from "./site";
import { visitsSection } from "./visits";

interface Answers {
  file: ParcelFile;
  /** Null: no run has looked at the parcel. */
  curve: Curve | null;
  /** Of the alert that is open on the page. */
  story: Story | null;
  visits: VisitLines;
  colleagues: Colleague[];
}

export const parcelRoom: Room = {
  name: "parcels",
  roles: LENDING,
  open: async (office, place, signal) => {
    const wanted = readParcel(place);
    if (wanted === null) throw new Error(office.speech.say("problem_parcel"));
    return parcel(office, wanted.id, wanted.alert, signal);
  },
};

async function parcel(office: Office, id: string, alert: number | null, signal: AbortSignal): Promise<Draw> {
  const { client, person } = office;
  const works = worksWithAlerts(person.role);
  const file = await client.parcel(id, signal);
  const chosen = chosenAlert(file.alerts, alert);
  const [curve, story, visits, colleagues] = await Promise.all([
    file.run_id === null ? null : known(client.curve(id, signal), "CURVE_NONE"),
    chosen === null ? null : client.story(chosen, signal),
    client.visits(id, signal),
    works ? client.colleagues(signal) : [],
  ]);
  return () => page(office, { file, curve, story, visits, colleagues });
}

/** An answer, or null where the service says by its code that there is none. */
async function known<Answer>(asked: Promise<Answer>, none: string): Promise<Answer | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ApiError && error.problem.code === none) return null;
    throw error;
  }
}

/** The alert of the address, else the first one: the service lists the gravest first. */
function chosenAlert(alerts: readonly Alert[], wanted: number | null): number | null {
  const found = alerts.find((alert) => alert.number === wanted) ?? alerts[0];
  return found?.number ?? null;
}

function page(office: Office, { file, curve, story, visits, colleagues }: Answers): ReturnType<Draw> {
  const { speech } = office;
  // A site that was never a field has no season and no crop: it gets no empty boxes for them.
  const grown = file.site === null || file.run_id !== null;
  const season = grown ? curveSection(curve, file, speech) : null;
  const lent = file.site === null || file.limit !== null || file.proposal !== null;
  const left = [file.site && siteSection(file, file.site, speech), season?.element, alertsSection(office, file, story, colleagues), visitsSection(visits, speech)];
  const right = [grown && cropFacts(file, speech), lent && limitSection(file, speech), loansSection(file.loans, speech)];
  const column = (parts: (HTMLElement | false | null | undefined)[]): HTMLElement => el("div", {}, ...parts.filter((part) => part instanceof HTMLElement));
  const element = el("div", {}, heading(office, file), el("div", { class: "parcel-columns" }, column(left), column(right)));
  return { title: `${speech.say("parcel")} ${file.parcel_id}`, element, leave: () => season?.takeDown() };
}

function heading({ speech }: Office, file: ParcelFile): HTMLElement {
  const { say } = speech;
  const farmer = file.farmer && say("farmer", { name: file.farmer.name ?? file.farmer.id });
  const unit = file.unit && say("unitOf", { name: file.unit.name });
  const facts = [farmer, unit, file.village && say("villageOf", { name: file.village.name }), ...areas(file, speech)].filter((fact) => fact !== null);
  return el(
    "div",
    { class: "page-head" },
    el("a", { class: "onward", href: WORK_LIST }, `← ${say("backToList")}`),
    el("h1", { tabindex: -1 }, el("span", { class: "kicker" }, say("parcel")), ` ${file.parcel_id}`),
    file.simulated && el("span", { class: "badge" }, say("simulated")),
    el("p", { class: "sub areas" }, ...facts.map((fact) => el("span", {}, fact))),
    el("a", { class: "onward", id: "parcel-on-map", href: parcelOnMap(file.parcel_id) }, say("map_show")),
  );
}

/** The area in the unit of the pack first, and in hectares; nothing without an outline. */
function areas({ area, area_unit }: ParcelFile, speech: Office["speech"]): string[] {
  if (area === null) return [];
  const units = [...new Set<keyof Area>([area_unit, "ha"])];
  return units.map((unit) => `${formatArea(area[unit], speech.language)} ${speech.say(unit)}`);
}
