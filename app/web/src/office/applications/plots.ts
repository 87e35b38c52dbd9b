/** The step of plots: what grows on each, under which right; new ones from a list or the map. */
import { el } from "../../dom";
import { formatArea, formatDay } from "../../format";
import type { Office } from "../office";
import type { OfficeSpeech } from "../words";
import * as asking from "./asking";
import { choiceField, decimalField, stepForm, textField } from "./fields";
import { PlotPicker, sayGround } from "./picker";
import { editable, type Page, type Plan } from "./steps";

type Save = (plans: readonly Plan[]) => Promise<Page>;

export function plots(office: Office, page: Page, choices: asking.Choices, signal: AbortSignal): HTMLElement {
  const save: Save = (plans) => asking.change(office, page, "PUT", "plots", { plots: plans.map(asking.planBody) });
  const rows = page.plots.map((plot, place) => {
    const found = el("p", { class: "note", role: "status" });
    void sayGround(office, page, plot.parcel_id, found, signal);
    const body = editable(page) ? plotForms(office, page, choices, place, save) : [el("p", {}, planSaid(plot, page, choices, office.speech))];
    return el("fieldset", { class: "plot" }, el("legend", {}, plot.parcel_id), found, ...body);
  });
  if (!editable(page)) return el("div", {}, ...rows);
  const taken = (parcels: readonly string[]): Promise<Page> => save([...page.plots, ...parcels.map((parcel) => planned(page, choices, parcel))]);
  return el("div", {}, ...rows, new PlotPicker(office, page, taken, signal).element, rightForm(office, page, choices));
}

function plotForms(office: Office, page: Page, choices: asking.Choices, place: number, save: Save): HTMLElement[] {
  const { say, pick } = office.speech;
  const plot = page.plots[place] as Plan;
  const crop = choiceField(say("app_crop"), choices.crops.map((each) => [each.key, pick(each.name)] as const), plot.crop);
  const area = decimalField(office.speech, say("app_area"), plot.area_ha === null ? "" : String(plot.area_ha));
  const sowing = textField(say("app_sowing"), plot.sowing_on ?? "", { type: "date" });
  const harvest = textField(say("app_harvest"), plot.harvest_on ?? "", { type: "date" });
  const rights = [["", say("app_noRight")] as const, ...page.rights.map((right) => [String(right.id), rightSaid(right, office.speech)] as const)];
  const right = choiceField(say("app_right"), rights, String(plot.land_right_id ?? ""));
  const send = (): Promise<Page> | null => {
    const typed = area.read();
    if (typed === undefined) return null;
    const changed: Plan = {
      ...plot,
      crop: crop.input.value,
      area_ha: typed === null ? null : Number(typed),
      sowing_on: sowing.input.value || null,
      harvest_on: harvest.input.value || null,
      land_right_id: right.input.value === "" ? null : Number(right.input.value),
    };
    return save(page.plots.map((each, at) => (at === place ? changed : each)));
  };
  return [
    stepForm(office, say("app_save"), [crop.row, area.row, sowing.row, harvest.row, right.row], send),
    stepForm(office, say("app_drop"), [], () => save(page.plots.filter((_, at) => at !== place)), { plain: true }),
  ];
}

/** A parcel with the crop of the plot before it, for the days on which that is expected. */
function planned(page: Page, choices: asking.Choices, parcel: string): Plan {
  const crop = choices.crops.find((each) => each.key === page.plots.at(-1)?.crop) ?? choices.crops[0];
  return { parcel_id: parcel, cycle: 1, crop: crop?.key ?? "", area_ha: null, outline_ha: null, sowing_on: crop?.sowing_from ?? null, harvest_on: crop?.harvest_to ?? null, land_right_id: page.rights[0]?.id ?? null };
}

function planSaid(plot: Plan, page: Page, choices: asking.Choices, speech: OfficeSpeech): string {
  const { say, language, pick } = speech;
  const crop = choices.crops.find((each) => each.key === plot.crop);
  const area = plot.area_ha ?? plot.outline_ha;
  const days = plot.sowing_on && plot.harvest_on ? `${formatDay(plot.sowing_on, language)} – ${formatDay(plot.harvest_on, language)}` : null;
  const right = page.rights.find((each) => each.id === plot.land_right_id);
  return [crop ? pick(crop.name) : plot.crop, area === null ? null : `${formatArea(area, language)} ${say("ha")}`, days, right ? rightSaid(right, speech) : say("app_noRight")].filter(Boolean).join(" · ");
}

function rightSaid(right: Page["rights"][number], { say, language }: OfficeSpeech): string {
  return `${say(right.basis === "lease" ? "app_lease" : "app_certificate")} · ${formatDay(right.starts_on, language)}`;
}

function rightForm(office: Office, page: Page, choices: asking.Choices): HTMLElement {
  const { say } = office.speech;
  const basis = choiceField(say("app_basis"), [["certificate", say("app_certificate")], ["lease", say("app_lease")]]);
  const from = textField(say("app_from"), choices.day, { type: "date", required: true });
  const to = textField(say("app_to"), "", { type: "date" });
  const send = (): Promise<Page> => {
    const kind = basis.input.value === "lease" ? "tenancy" : "household_contract";
    return asking.change(office, page, "POST", "land-rights", { basis: basis.input.value, kind, starts_on: from.input.value, ends_on: to.input.value || null });
  };
  const form = stepForm(office, say("app_save"), [basis.row, from.row, to.row], send);
  form.id = "right-form";
  return el("div", {}, el("h3", {}, say("app_addRight")), form);
}
