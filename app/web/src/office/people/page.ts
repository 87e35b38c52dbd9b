/** People and units, for administrators; who looked at whose data and took lists out, for risk officers. */
import { el } from "../../dom";
import { formatInstant, formatNumber } from "../../format";
import { sheetCard, type Cell } from "../book/sheet";
import { farmerAddress } from "../farmers/address";
import type { Draw, Office, Room } from "../office";
import type { components } from "../schema";
import type { OfficeSpeech } from "../words";
import { keysCard } from "./keys";

type Schemas = components["schemas"];

export const peopleRoom: Room = {
  name: "people",
  tab: "people",
  roles: ["admin"],
  open: async (office, _place, signal): Promise<Draw> => {
    const found = await office.client.get<Schemas["PeopleList"]>("/people", signal);
    return () => ({ title: office.speech.say("people"), element: people(found, office) });
  },
};

export const auditRoom: Room = {
  name: "audit",
  tab: "audit",
  menu: true,
  roles: ["risk"],
  open: async ({ client, speech }, _place, signal): Promise<Draw> => {
    const found = await client.get<Schemas["AuditList"]>("/audit/views", signal);
    return () => ({ title: speech.say("audit"), element: audit(found, speech) });
  },
};

function people(found: Schemas["PeopleList"], office: Office): HTMLElement {
  const { speech } = office;
  const { say, language } = speech;
  const persons = found.people.map((each): Cell[] => [
    each.login,
    each.display_name,
    say(`role_${each.role}`),
    each.unit,
    say(each.active ? "farmersStandsYes" : "farmersStandsNo"),
    formatNumber(each.sign_ins, language),
    each.last_seen_at === null ? say("peopleNever") : formatInstant(each.last_seen_at, speech.language),
  ]);
  const units = found.units.map((each): Cell[] => [each.code, each.name, say(`peopleKind_${each.kind}`), each.parent ?? say("peopleTop")]);
  return el(
    "div",
    {},
    el("div", { class: "page-head" }, el("h1", { tabindex: -1 }, say("people")), el("p", { class: "count" }, say("peopleHow"))),
    el(
      "div",
      { class: "stack" },
      sheetCard("people", "peopleNone", [{ head: "peopleLogin" }, { head: "peopleName" }, { head: "peopleRole" }, { head: "peopleUnit" }, { head: "peopleActive" }, { head: "peopleSessions", figure: true }, { head: "peopleSeen" }], persons, speech),
      sheetCard("peopleUnits", "peopleNone", [{ head: "peopleCode" }, { head: "peopleName" }, { head: "peopleKind" }, { head: "peopleAbove" }], units, speech),
      keysCard(found.keys, office, (instant) => formatInstant(instant, speech.language)),
    ),
  );
}

function audit(found: Schemas["AuditList"], speech: OfficeSpeech): HTMLElement {
  const { say, language } = speech;
  const views = found.views.map((each): Cell[] => [formatInstant(each.viewed_at, speech.language), each.login, el("a", { href: farmerAddress(each.farmer_id, each.party_id) }, each.farmer_id ?? String(each.party_id)), each.what, each.reason]);
  const exports = found.exports.map((each): Cell[] => [
    formatInstant(each.made_at, speech.language),
    each.login,
    each.what,
    formatNumber(each.rows, language),
    Object.entries(each.asked).map(([name, value]) => `${name} ${String(value)}`).join(", "),
  ]);
  return el(
    "div",
    {},
    el("div", { class: "page-head" }, el("h1", { tabindex: -1 }, say("audit"))),
    el(
      "div",
      { class: "stack" },
      sheetCard("auditViews", "auditNoViews", [{ head: "auditWhen" }, { head: "auditWho" }, { head: "auditWhom" }, { head: "auditWhat" }, { head: "auditWhy" }], views, speech),
      sheetCard("auditExports", "auditNoExports", [{ head: "auditWhen" }, { head: "auditWho" }, { head: "auditWhat" }, { head: "auditRows", figure: true }, { head: "auditAsked" }], exports, speech),
    ),
  );
}
