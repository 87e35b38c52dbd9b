/** Policies: what each says and rests on, what it was used for, and what another says otherwise. */
import { el } from "../../dom";
import { formatDay } from "../../format";
import { cropName, cropNames, valueName, type Crops } from "../book/naming";
import { factList, sheetCard, type Cell } from "../book/sheet";
import { LENDING, type Draw, type Office, type Room } from "../office";
import { writePlace } from "../place";
import type { components } from "../schema";
import type { OfficeSpeech } from "../words";

type Schemas = components["schemas"];
type Line = Schemas["PolicyLine"];

const SHORT = 12;

export const policyRoom: Room = {
  name: "policy",
  tab: "policy",
  menu: true,
  roles: LENDING,
  open: async (office, place, signal): Promise<Draw> => {
    const { client, speech } = office;
    const asked = new URLSearchParams(place.query);
    const [id] = place.path;
    if (id !== undefined) {
      const [policy, crops] = await Promise.all([client.get<Schemas["PolicyPage"]>(`/policies/${encodeURIComponent(id)}`, signal), cropNames(client, signal)]);
      return () => ({ title: `${speech.say("policyPack")} ${id}`, element: one(speech, policy, crops) });
    }
    const { policies } = await client.get<Schemas["PolicyList"]>("/policies", signal);
    const [older, newer] = [asked.get("old"), asked.get("new")];
    const query = older && newer ? new URLSearchParams({ old: older, new: newer }).toString() : null;
    const difference = query === null ? null : await client.get<Schemas["PolicyDifference"]>(`/policies/diff?${query}`, signal);
    return () => ({ title: speech.say("policy"), element: all(office, policies, difference) });
  },
};

function all(office: Office, policies: readonly Line[], difference: Schemas["PolicyDifference"] | null): HTMLElement {
  const { speech } = office;
  const { say } = speech;
  const rows = policies.map((line): Cell[] => [
    line.version === null ? line.id : el("a", { href: writePlace("policy", [line.id]) }, line.title ? speech.pick(line.title) : line.id),
    line.version ?? say("policyNotAtHand"),
    line.in_force === null ? "–" : say(line.in_force ? "farmersStandsYes" : "farmersStandsNo"),
    line.approval === null ? "–" : valueName(line.approval, speech),
    uses(line, speech),
  ]);
  return el(
    "div",
    {},
    el("div", { class: "page-head" }, el("h1", { tabindex: -1 }, say("policy"))),
    el(
      "div",
      { class: "stack" },
      sheetCard("policy", "policyNone", [{ head: "policyPack" }, { head: "policyVersion" }, { head: "policyForce" }, { head: "policyApproval" }, { head: "policyUses" }], rows, speech),
      comparing(office, policies.filter((line) => line.version !== null), difference),
      ...(difference === null ? [] : differences(difference, speech)),
    ),
  );
}

function uses(line: Line, speech: OfficeSpeech): HTMLElement | string {
  if (line.uses.length === 0) return speech.say("policyNever");
  const said = line.uses.map(({ content_hash: hash, runs, batches, decisions }) => el("li", {}, speech.say("policyUse", { hash: hash.slice(0, SHORT), runs, batches, decisions })));
  return el("ul", { class: "plain" }, ...said);
}

function comparing(office: Office, policies: readonly Line[], difference: Schemas["PolicyDifference"] | null): HTMLElement {
  const { say } = office.speech;
  const choice = (id: string, chosen: string | undefined): HTMLSelectElement => el("select", { id }, ...policies.map((line) => el("option", { value: line.id, selected: line.id === chosen }, `${line.id} ${line.version ?? ""}`)));
  const older = choice("policy-old", difference?.old.id ?? policies[0]?.id);
  const newer = choice("policy-new", difference?.new.id ?? policies[1]?.id);
  const form = el("form", { class: "asked" }, el("label", { class: "choice" }, say("policyOld"), older), el("label", { class: "choice" }, say("policyNew"), newer), el("button", { type: "submit" }, say("policyCompare")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    office.go(writePlace("policy", [], new URLSearchParams({ old: older.value, new: newer.value }).toString()));
  });
  return form;
}

function differences(difference: Schemas["PolicyDifference"], speech: OfficeSpeech): HTMLElement[] {
  const { say } = speech;
  const rows = difference.changes.map((each): Cell[] => [each.key, each.old ?? say("policyNothing"), each.new ?? say("policyNothing")]);
  const next = difference.comparable ? el("p", { class: "notes" }, say("policyCommand"), " ", el("code", {}, difference.command)) : el("p", { class: "visit" }, say("policyOtherMoney"));
  return [sheetCard("policyDifference", "policyNoDifference", [{ head: "policyKey" }, { head: "policyOld" }, { head: "policyNew" }], rows, speech), next];
}

function one(speech: OfficeSpeech, policy: Schemas["PolicyPage"], crops: Crops): HTMLElement {
  const { say, language } = speech;
  const { line } = policy;
  const span = `${formatDay(policy.valid_from, language)} – ${policy.valid_to ? formatDay(policy.valid_to, language) : say("farmersOpenEnd")}`;
  const facts = factList(
    [
      ["policyVersion", line.version],
      ["policyFrom", span],
      ["policyApproval", valueName(line.approval, speech)],
      ["policyCurrency", policy.currency],
      ["policyFormula", policy.formula],
      ["policyHash", el("code", {}, line.content_hash ?? "")],
      ["policyRulesHash", el("code", {}, policy.rules_hash)],
      ["policyUses", uses(line, speech)],
      ["policyNotFinanced", policy.not_financed.map((key) => cropName(key, crops, speech)).join(", ") || say("policyNothing")],
    ],
    speech,
  );
  const prices = policy.prices.map((each): Cell[] => [cropName(each.crop, crops, speech), each.amount, each.district ?? say("policyEverywhere"), each.season ?? say("policyAnySeason")]);
  const citations = policy.citations.map((each): Cell[] => [each.id, each.rule, each.source, each.checked]);
  const findings = policy.findings.map((each): Cell[] => [each.level, el("code", {}, each.key), each.message, each.remedy]);
  const rules = policy.rules.map((each): Cell[] => [each.key, each.value]);
  return el(
    "div",
    {},
    el("div", { class: "page-head" }, el("a", { class: "onward", href: writePlace("policy") }, `← ${say("policyBack")}`), el("h1", { tabindex: -1 }, el("span", { class: "kicker" }, say("policyPack")), ` ${line.title ? speech.pick(line.title) : line.id}`)),
    el(
      "div",
      { class: "stack" },
      el("section", { class: "card" }, facts, el("p", { class: "sub" }, `${speech.pick(policy.price_label)}: ${say("policyAmount", { unit: say(areaWord(policy.area_unit)) })}`), policy.prices_are_example && el("p", { class: "visit" }, say("policyExample"))),
      sheetCard("policyPrices", "policyNoPrices", [{ head: "policyCrop" }, { head: "policyPer", figure: true }, { head: "policyDistrict" }, { head: "policySeason" }], prices, speech),
      sheetCard("policyFindings", "policyNoFindings", [{ head: "policyLevel" }, { head: "policyKey" }, { head: "policyMessage" }, { head: "policyRemedy" }], findings, speech),
      sheetCard("policyCitations", "policyNoCitations", [{ head: "policyCitations" }, { head: "policyRule" }, { head: "policySource" }, { head: "policyChecked" }], citations, speech),
      sheetCard("policyRules", "policyNone", [{ head: "policyKey" }, { head: "policyValue" }], rules, speech),
    ),
  );
}

function areaWord(unit: string): "ha" | "mu" | "acre" {
  return unit === "mu" || unit === "acre" ? unit : "ha";
}
