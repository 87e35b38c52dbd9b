/** A farmer: who it is, what it agreed to, its land and crops, its credit, and what secures and insures it. */
import { el } from "../../dom";
import { formatDay, formatNumber, formatSpan } from "../../format";
import { levelTag, parcelLink } from "../alerts/parts";
import { cropName, cropNames, valueName, type Crops } from "../book/naming";
import { factList, sheetCard, type Cell } from "../book/sheet";
import { moneyOr, nameOf } from "../figures";
import { LENDING, type Draw, type Office, type Room } from "../office";
import { numberOf, writePlace, type Place } from "../place";
import type { components } from "../schema";
import type { OfficeSpeech } from "../words";
import { facilityAddress, farmerAddress, farmerQuestion, parcelsAfter } from "./address";
import { day, guaranteeRows, insuranceRows, GUARANTEES, INSURANCE } from "./parts";

type Farmer = components["schemas"]["FarmerPage"];

/** Parcels of a page of the service. */
const PAGE_PARCELS = 100;

export const farmersRoom: Room = {
  name: "farmers",
  roles: LENDING,
  open: async (office, place, signal): Promise<Draw> => {
    const question = farmerQuestion(place);
    if (question === null) throw new Error(office.speech.say("farmersNotThere"));
    const [farmer, crops] = await Promise.all([office.client.get<Farmer>(question, signal), cropNames(office.client, signal)]);
    return () => page(office, farmer, crops, place);
  },
};

function page(office: Office, farmer: Farmer, crops: Crops, place: Place): ReturnType<Draw> {
  const { speech } = office;
  const { say } = speech;
  const name = farmer.contact.name ?? farmer.contact.farmer_id ?? String(farmer.contact.id);
  const head = el(
    "div",
    { class: "page-head" },
    el("h1", { tabindex: -1 }, el("span", { class: "kicker" }, say("farmersFarmer")), ` ${name}`),
    el("p", { class: "sub" }, `${say("farmersAsOf", { day: formatDay(farmer.as_of, speech.language) })} · ${say("farmersNoted")}`),
    farmer.contact.erased && el("p", { class: "visit" }, say("farmersErased")),
    !farmer.contact.erased && office.person.role !== "risk" && el("a", { class: "onward", href: writePlace("applications", ["new"], `party=${farmer.contact.id}`) }, say("app_new")),
  );
  const left = el("div", {}, ...money(farmer, speech), ...land(farmer, crops, place, speech));
  const right = el("div", {}, contact(farmer, speech), ...aside(farmer, speech));
  return { title: `${say("farmersFarmer")} ${name}`, element: el("div", {}, head, el("div", { class: "parcel-columns" }, left, right)) };
}

function contact({ contact: who, has_id_number: kept }: Farmer, speech: OfficeSpeech): HTMLElement {
  const { say } = speech;
  const facts = factList(
    [
      ["farmersNumber", who.farmer_id],
      ["farmersKind", valueName(who.kind, speech)],
      ["farmersUnit", who.unit],
      ["farmersPhone", who.phone],
      ["farmersAddress", who.address],
      ["farmersIdKept", say(kept ? "farmersYes" : "farmersNo")],
    ],
    speech,
  );
  return el("section", { class: "card" }, el("h2", {}, say("farmersContact")), facts);
}

function money(farmer: Farmer, speech: OfficeSpeech): HTMLElement[] {
  const { say } = speech;
  const facilities = farmer.facilities.map((line): Cell[] => [
    el("a", { href: facilityAddress(line.number) }, line.number),
    line.product,
    valueName(line.part ?? "guarantor", speech),
    ...[line.position.sanctioned, line.position.outstanding, line.position.available].map((amount) => moneyOr(amount, speech)),
    line.ends_on && formatDay(line.ends_on, speech.language),
  ]);
  const waiting = farmer.proposals.map((each): Cell[] => [
    el("a", { href: writePlace("decisions", [String(each.id)]) }, String(each.id)),
    valueName(each.status, speech),
    moneyOr(each.amount, speech),
    moneyOr(each.before, speech),
    each.needs_visit ? say("farmersNeedsVisit") : "",
  ]);
  const decided = farmer.decisions.map((each): Cell[] => [
    String(each.id),
    valueName(each.outcome, speech),
    moneyOr(each.amount, speech),
    day(each.decided_at, speech),
    each.decided_by ?? say("farmersProgram"),
  ]);
  return [
    sheetCard("farmersFacilities", "farmersNoFacilities", [{ head: "farmersFacility" }, { head: "farmersProduct" }, { head: "farmersPart" }, { head: "farmersSanctioned", figure: true }, { head: "farmersOutstanding", figure: true }, { head: "farmersAvailable", figure: true }, { head: "farmersEnds" }], facilities, speech),
    sheetCard("farmersProposals", "farmersNoProposals", [{ head: "farmersProposal" }, { head: "farmersState" }, { head: "farmersAmount", figure: true }, { head: "farmersBefore", figure: true }, { head: "farmersVisit" }], waiting, speech),
    sheetCard("farmersDecisions", "farmersNoDecisions", [{ head: "farmersDecision" }, { head: "farmersOutcome" }, { head: "farmersAmount", figure: true }, { head: "farmersDay" }, { head: "farmersBy" }], decided, speech),
  ];
}

function land(farmer: Farmer, crops: Crops, place: Place, speech: OfficeSpeech): HTMLElement[] {
  const { language } = speech;
  const hectares = (area: number | null): Cell => (area === null ? null : formatNumber(area, language, 2));
  const parcels = farmer.parcels.map((each): Cell[] => [
    parcelLink(each.parcel_id, null),
    each.village?.name ?? null,
    hectares(each.area_ha),
    each.status && speech.say(each.status),
    each.status === "OK" ? cropName(each.crop, crops, speech) : "–",
    each.level === null ? "–" : levelTag(each.level, speech),
  ]);
  const grown = farmer.crops.map((each): Cell[] => [
    parcelLink(each.parcel_id, null),
    each.season_id,
    valueName(each.origin, speech),
    cropName(each.crop, crops, speech),
    each.starts_on && each.ends_on ? formatSpan(each.starts_on, each.ends_on, language) : (each.starts_on ?? each.ends_on ?? null),
    hectares(each.area_ha),
  ]);
  const rights = farmer.rights.map((each): Cell[] => [
    `${valueName(each.basis, speech)} · ${valueName(each.kind, speech)}`,
    ...[each.areas.certified_ha, each.areas.contracted_ha, each.areas.measured_ha, each.areas.net_ha].map(hectares),
    each.plots.map((plot) => plot.parcel_id).join(", "),
    `${each.vouched.source}, ${formatDay(each.vouched.as_of, language)}`,
  ]);
  const alerts = farmer.alerts.map((each): Cell[] => [parcelLink(each.parcel_id, each.number), nameOf(each.cause, farmer.causes, speech), levelTag(each.level, speech), formatDay(each.opened_on, language)]);
  return [
    sheetCard("farmersAlerts", "farmersNoAlerts", [{ head: "parcel" }, { head: "farmersCause" }, { head: "farmersLevel" }, { head: "farmersSince" }], alerts, speech),
    withPages(sheetCard("farmersParcels", "farmersNoParcels", [{ head: "parcel" }, { head: "village" }, { head: "farmersArea", figure: true }, { head: "farmersSeen" }, { head: "farmersCrop" }, { head: "farmersAlerts" }], parcels, speech), farmer, place, speech),
    withPages(sheetCard("farmersCrops", "farmersNoCrops", [{ head: "parcel" }, { head: "farmersSeason" }, { head: "farmersOrigin" }, { head: "farmersCrop" }, { head: "farmersSpan" }, { head: "farmersArea", figure: true }], grown, speech), farmer, place, speech),
    sheetCard("farmersRights", "farmersNoRights", [{ head: "farmersBasis" }, { head: "farmersCertified", figure: true }, { head: "farmersContracted", figure: true }, { head: "farmersMeasured", figure: true }, { head: "farmersNet", figure: true }, { head: "farmersPlots" }, { head: "farmersSource" }], rights, speech),
  ];
}

/** Where a party has more parcels than a page shows: which they are, and the way to the others. */
function withPages(card: HTMLElement, farmer: Farmer, place: Place, { say, language }: OfficeSpeech): HTMLElement {
  const before = numberOf(place.query, "after") ?? 0;
  const shown = farmer.parcels.length;
  if (before === 0 && shown === farmer.parcels_found) return card;
  const [first, last, total] = [before + 1, before + shown, farmer.parcels_found].map((count) => formatNumber(count, language));
  const said = shown === 0 ? say("farmersPastEnd", { total: total ?? "" }) : say("farmersShown", { first: first ?? "", last: last ?? "", total: total ?? "" });
  const back = before > 0 && el("a", { class: "onward", href: parcelsAfter(place, Math.max(before - PAGE_PARCELS, 0)) }, `← ${say("farmersEarlier")}`);
  const onward = before + shown < farmer.parcels_found && shown > 0 && el("a", { class: "onward", href: parcelsAfter(place, before + shown) }, `${say("farmersLater")} →`);
  card.append(el("p", { class: "note pages" }, said, " ", back, " ", onward));
  return card;
}

function aside(farmer: Farmer, speech: OfficeSpeech): HTMLElement[] {
  const { say, language } = speech;
  const yes = (holds: boolean): string => say(holds ? "farmersStandsYes" : "farmersStandsNo");
  const consents = farmer.consents.map((each): Cell[] => [valueName(each.purpose, speech), day(each.given_at, speech), each.withdrawn_at ? day(each.withdrawn_at, speech) : each.expires_on ? formatDay(each.expires_on, language) : say("farmersOpenEnd"), yes(each.stands)]);
  const bureau = farmer.bureau.map((each): Cell[] => [`${valueName(each.outcome, speech)} · ${formatDay(each.vouched.as_of, language)}`, moneyOr(each.debt, speech), moneyOr(each.overdue, speech), yes(each.usable)]);
  const capacity = farmer.capacities.map((each): Cell[] => [moneyOr(each.capacity, speech), each.method, formatDay(each.vouched.as_of, language)]);
  const groups = farmer.memberships.map((each): Cell[] => [el("a", { href: farmerAddress(each.farmer_id, each.party_id) }, each.farmer_id ?? String(each.party_id)), valueName(each.party_kind, speech), valueName(each.kind, speech)]);
  return [
    sheetCard("farmersConsents", "farmersNoConsents", [{ head: "farmersPurpose" }, { head: "farmersGiven" }, { head: "farmersUntil" }, { head: "farmersStands" }], consents, speech),
    sheetCard("farmersBureau", "farmersNoBureau", [{ head: "farmersReport" }, { head: "farmersDebt", figure: true }, { head: "farmersOverdue", figure: true }, { head: "farmersUsable" }], bureau, speech),
    sheetCard("farmersCapacity", "farmersNoCapacity", [{ head: "farmersAmount" }, { head: "farmersMethod" }, { head: "farmersTold" }], capacity, speech),
    sheetCard("farmersGroups", "farmersNoGroups", [{ head: "farmersParty" }, { head: "farmersKind" }, { head: "farmersPart" }], groups, speech),
    sheetCard("farmersGuarantees", "farmersNoGuarantees", GUARANTEES, guaranteeRows(farmer.guarantees, speech), speech),
    sheetCard("farmersInsurance", "farmersNoInsurance", INSURANCE, insuranceRows(farmer.insurance, speech), speech),
  ];
}
