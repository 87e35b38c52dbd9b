/** A facility: its position, its accounts, what is drawn, and what backs it beside what was seen there. */
import { el } from "../../dom";
import { formatDay, formatNumber } from "../../format";
import { parcelLink } from "../alerts/parts";
import { valueName } from "../book/naming";
import { factList, sheetCard, type Cell } from "../book/sheet";
import { moneyOr } from "../figures";
import { LENDING, type Draw, type Office, type Room } from "../office";
import type { components } from "../schema";
import type { OfficeSpeech } from "../words";
import { facilityQuestion, farmerAddress } from "./address";
import { day, GUARANTEES, guaranteeRows, INSURANCE, insuranceRows } from "./parts";

type Facility = components["schemas"]["FacilityPage"];

export const facilitiesRoom: Room = {
  name: "facilities",
  roles: LENDING,
  open: async (office, place, signal): Promise<Draw> => {
    const question = facilityQuestion(place);
    if (question === null) throw new Error(office.speech.say("farmersNotThere"));
    const facility = await office.client.get<Facility>(question, signal);
    return () => page(office, facility);
  },
};

function page({ speech }: Office, facility: Facility): ReturnType<Draw> {
  const { say } = speech;
  const head = el(
    "div",
    { class: "page-head" },
    el("h1", { tabindex: -1 }, el("span", { class: "kicker" }, say("farmersFacility")), ` ${facility.number}`),
    el("p", { class: "sub" }, `${say("farmersAsOf", { day: formatDay(facility.as_of, speech.language) })} · ${say("farmersNoted")}`),
  );
  const left = el("div", {}, ...owed(facility, speech));
  const right = el("div", {}, terms(facility, speech), ...backing(facility, speech));
  return { title: `${say("farmersFacility")} ${facility.number}`, element: el("div", {}, head, el("div", { class: "parcel-columns" }, left, right)) };
}

function terms(facility: Facility, speech: OfficeSpeech): HTMLElement {
  const { say, language } = speech;
  const { sanctioned, drawing, outstanding, available } = facility.position;
  const parties = facility.parties.map((each) => el("span", {}, el("a", { href: farmerAddress(each.farmer_id, each.party_id) }, each.farmer_id ?? String(each.party_id)), ` ${valueName(each.part, speech)} `));
  const facts = factList(
    [
      ["farmersSanctioned", moneyOr(sanctioned, speech)],
      ["farmersDrawing", moneyOr(drawing, speech)],
      ["farmersOutstanding", moneyOr(outstanding, speech)],
      ["farmersAvailable", moneyOr(available, speech)],
      ["farmersProduct", facility.product],
      ["farmersState", valueName(facility.status, speech)],
      ["farmersRevolving", say(facility.revolving ? "farmersStandsYes" : "farmersStandsNo")],
      ["farmersStarts", formatDay(facility.starts_on, language)],
      ["farmersEnds", facility.ends_on && formatDay(facility.ends_on, language)],
      ["farmersUnit", facility.unit],
      ["farmersParties", el("span", {}, ...parties)],
    ],
    speech,
  );
  return el("section", { class: "card" }, el("h2", {}, say("farmersPosition")), facts);
}

function owed(facility: Facility, speech: OfficeSpeech): HTMLElement[] {
  const { say, language } = speech;
  const accounts = facility.accounts.map((each): Cell[] => [
    each.account_number,
    valueName(each.loan_class, speech),
    each.days_overdue === null ? null : String(each.days_overdue),
    moneyOr(each.outstanding, speech),
    moneyOr(each.overdue, speech),
    each.due_on && formatDay(each.due_on, language),
    each.rate_percent,
    formatDay(each.as_of, language),
  ]);
  const drawn = facility.drawdowns.map((each): Cell[] => [valueName(each.purpose, speech), moneyOr(each.amount, speech), valueName(each.status, speech), day(each.paid_at ?? each.requested_at, speech), [each.proposed_by, each.approved_by].filter(Boolean).join(" → ")]);
  const parts = facility.sublimits.map((each): Cell[] => [valueName(each.purpose, speech), moneyOr(each.limit, speech), say(each.drawable ? "farmersStandsYes" : "farmersStandsNo")]);
  const stages = (facility.stages ?? []).map((each): Cell[] => [each.account_number, speech.pick(each)]);
  return [
    sheetCard("farmersAccounts", "farmersNoAccounts", [{ head: "farmersAccount" }, { head: "farmersClass" }, { head: "farmersDaysOverdue", figure: true }, { head: "farmersOutstanding", figure: true }, { head: "farmersOverdue", figure: true }, { head: "farmersDue" }, { head: "farmersRate", figure: true }, { head: "farmersTold" }], accounts, speech),
    sheetCard("farmersStages", facility.stages === null ? "farmersStagesUnknown" : "farmersNoStages", [{ head: "farmersAccount" }, { head: "farmersSaid" }], stages, speech),
    sheetCard("farmersDrawdowns", "farmersNoDrawdowns", [{ head: "farmersFor" }, { head: "farmersAmount", figure: true }, { head: "farmersState" }, { head: "farmersDay" }, { head: "farmersBy" }], drawn, speech),
    sheetCard("farmersSublimits", "farmersNoSublimits", [{ head: "farmersFor" }, { head: "farmersAmount", figure: true }, { head: "farmersDrawable" }], parts, speech),
  ];
}

function backing(facility: Facility, speech: OfficeSpeech): HTMLElement[] {
  const area = (hectares: number | null): Cell => (hectares === null ? null : formatNumber(hectares, speech.language, 2));
  const plots = facility.plots.map((each): Cell[] => [parcelLink(each.parcel_id, null), area(each.areas.contracted_ha), area(each.areas.measured_ha)]);
  return [
    sheetCard("farmersPlots", "farmersNoParcels", [{ head: "parcel" }, { head: "farmersContracted", figure: true }, { head: "farmersMeasured", figure: true }], plots, speech),
    sheetCard("farmersGuarantees", "farmersNoGuarantees", GUARANTEES, guaranteeRows(facility.guarantees, speech), speech),
    sheetCard("farmersInsurance", "farmersNoInsurance", INSURANCE, insuranceRows(facility.insurance, speech), speech),
  ];
}
