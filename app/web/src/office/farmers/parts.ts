/** What the pages of a farmer and of a facility share. */
import { el } from "../../dom";
import { formatDay } from "../../format";
import { valueName } from "../book/naming";
import type { Cell, Column } from "../book/sheet";
import { moneyOr } from "../figures";
import type { components } from "../schema";
import type { OfficeSpeech } from "../words";
import { facilityAddress } from "./address";

type Schemas = components["schemas"];

export const GUARANTEES: readonly Column[] = [{ head: "farmersFacility" }, { head: "farmersGivenBy" }, { head: "farmersKind" }, { head: "farmersAmount", figure: true }];
export const INSURANCE: readonly Column[] = [{ head: "farmersInsurer" }, { head: "farmersPolicy" }, { head: "farmersKind" }, { head: "farmersInsured", figure: true }, { head: "farmersClaims" }];

/** Day of an instant. */
export function day(instant: string, speech: OfficeSpeech): string {
  return formatDay(instant.slice(0, 10), speech.language);
}

export function guaranteeRows(guarantees: readonly Schemas["FarmerGuarantee"][], speech: OfficeSpeech): Cell[][] {
  const { say } = speech;
  return guarantees.map((each) => [
    each.facility_number === null ? say("farmersElsewhere") : el("a", { href: facilityAddress(each.facility_number) }, each.facility_number),
    say(each.given ? "farmersGives" : "farmersGets"),
    valueName(each.kind, speech),
    moneyOr(each.amount, speech),
  ]);
}

export function insuranceRows(policies: readonly Schemas["FarmerInsurance"][], speech: OfficeSpeech): Cell[][] {
  const claims = (policy: Schemas["FarmerInsurance"]): string =>
    policy.claims.map((claim) => [claim.event, valueName(claim.outcome, speech)].filter(Boolean).join(": ")).join("; ") || speech.say("farmersNoClaims");
  return policies.map((each) => [each.insurer, each.policy_number, valueName(each.kind, speech), moneyOr(each.insured, speech), claims(each)]);
}
