/** What a plant's meter says: readings, and a form for one more. */
import { el } from "../../dom";
import { formatDay, formatNumber, formatSpan } from "../../format";
import { field } from "../decisions/parts";
import type { Office } from "../office";
import { problemText } from "../problems";
import type { OfficeKey, OfficeSpeech } from "../words";
import type { Meter, MeterAsked, SitePage } from "./answers";
import { aside } from "./aside";
import { addMeter } from "./asking";

export function metersCard(office: Office, site: SitePage): HTMLElement {
  const { speech } = office;
  const { say, language } = speech;
  const lines = site.meters.map((meter) => {
    const read = say("sitesReadBy", { source: meter.source, day: formatDay(meter.as_of, language) });
    const earlier = meter.earlier.map((word) => el("span", { class: "sub site-earlier" }, earlierText(word, speech)));
    return el("li", {}, el("span", { class: "line-body" }, el("span", {}, formatSpan(meter.starts_on, meter.ends_on, language)), el("span", { class: "sub" }, read), ...earlier), el("span", { class: "figure" }, say("sitesKwh", { n: formatNumber(meter.energy_kwh, language) })));
  });
  return el(
    "section",
    { class: "card", id: "site-meters" },
    el("h2", {}, say("sitesMeters")),
    lines.length === 0 ? el("p", { class: "empty" }, say("sitesNoMeters")) : el("ul", { class: "lines site-lines" }, ...lines),
    el("p", { class: "sub" }, say("sitesMetersSub")),
    el("details", {}, el("summary", { id: "meter-open" }, say("sitesAddMeter")), form(office, site.site_id)),
  );
}

/** "Corrected: 18,250 kWh was said on 30 October 2026 (entered by olga)". */
export function earlierText({ energy_kwh, as_of, recorded_by }: Meter["earlier"][number], speech: OfficeSpeech): string {
  const { say, language } = speech;
  const said = say("sitesEarlier", { n: formatNumber(energy_kwh, language), day: formatDay(as_of, language) });
  return recorded_by === null ? said : aside(said, say("sitesEnteredBy", { who: recorded_by }), speech);
}

/** What is wrong with a reading before it is sent; null: nothing. */
export function meterProblem({ starts_on, ends_on, energy_kwh, source, as_of }: MeterAsked): OfficeKey | null {
  if (starts_on === "" || ends_on === "" || as_of === "" || source === "") return "sitesMeterMissing";
  if (!Number.isFinite(energy_kwh) || energy_kwh < 0) return "sitesMeterNumber";
  if (ends_on < starts_on) return "sitesMeterOrder";
  return as_of < ends_on ? "sitesMeterEarly" : null;
}

function form(office: Office, site: string): HTMLElement {
  const { say } = office.speech;
  const day = (): HTMLInputElement => el("input", { type: "date", required: true });
  const [starts, ends, readOn] = [day(), day(), day()];
  const energy = el("input", { type: "number", min: 0, step: "any", inputmode: "decimal", required: true });
  const source = el("input", { type: "text", maxlength: 255, autocomplete: "off", required: true });
  const problem = el("p", { class: "problem", role: "alert", hidden: true });
  const add = el("button", { type: "submit", id: "meter-add", class: "primary" }, say("sitesAddMeter"));
  const send = async (): Promise<void> => {
    const asked = { starts_on: starts.value, ends_on: ends.value, energy_kwh: energy.value === "" ? NaN : Number(energy.value), source: source.value.trim(), as_of: readOn.value };
    const wrong = meterProblem(asked);
    problem.hidden = wrong === null;
    if (wrong !== null) return problem.replaceChildren(say(wrong));
    add.disabled = true;
    try {
      await addMeter(office.client, site, asked);
      office.announce(say("sitesMeterDone"));
      office.reload();
    } catch (error) {
      add.disabled = false;
      problem.hidden = false;
      problem.replaceChildren(problemText(error, office.speech));
    }
  };
  return el(
    "form",
    { class: "meter-form", "aria-label": say("sitesAddMeter"), novalidate: true, onsubmit: (event) => (event.preventDefault(), void send()) },
    field("meter-starts", say("sitesStarts"), starts),
    field("meter-ends", say("sitesEnds"), ends),
    field("meter-energy", say("sitesEnergy"), energy),
    field("meter-source", say("sitesSource"), source),
    field("meter-as-of", say("sitesReadOn"), readOn),
    problem,
    add,
  );
}
