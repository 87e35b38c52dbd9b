/** The portfolio: the book by unit, crop, class, product or state, as of a day, with its files. */
import { el } from "../../dom";
import { formatDay, formatMoney, formatNumber } from "../../format";
import { cropName, cropNames, valueName, type Crops } from "../book/naming";
import { sheet, type Cell } from "../book/sheet";
import { LENDING, type Draw, type Office, type Room } from "../office";
import type { components } from "../schema";
import type { OfficeKey, OfficeSpeech } from "../words";
import { bars } from "./bars";
import { CUTS, fileAddress, readView, viewAddress, viewQuery, type CutBy, type View } from "./view";

type Schemas = components["schemas"];
type Group = Schemas["PortfolioGroup"];

const MOST_BARS = 15;

export const portfolioRoom: Room = {
  name: "portfolio",
  tab: "portfolio",
  roles: LENDING,
  open: async (office, place, signal): Promise<Draw> => {
    const view = readView(place.query);
    const [found, crops] = await Promise.all([office.client.get<Schemas["Portfolio"]>(`/portfolio?${viewQuery(view)}`, signal), cropNames(office.client, signal)]);
    return () => ({ title: office.speech.say("portfolio"), element: page(office, view, found, crops) });
  },
};

function page(office: Office, view: View, found: Schemas["Portfolio"], crops: Crops): HTMLElement {
  const { speech } = office;
  const { say } = speech;
  const named = found.groups.map((group) => ({ group, name: groupName(group, found.by, crops, speech) }));
  const day = formatDay(found.day, speech.language);
  const head = el("div", { class: "page-head" }, el("h1", { tabindex: -1 }, say("portfolio")), el("p", { class: "count" }, say("portfolioOf", { day })));
  if (named.length === 0) return el("div", {}, head, asking(office, view, found), el("p", { class: "empty" }, say("portfolioNone")));
  return el("div", {}, head, asking(office, view, found), el("div", { class: "stack" }, chart(named, speech), counts(named, found.by, speech), amounts(named, found.by, speech), el("p", { class: "notes" }, say("portfolioNotes")), taking(view, speech)));
}

interface Named {
  group: Group;
  name: string;
}

function groupName(group: Group, by: CutBy, crops: Crops, speech: OfficeSpeech): string {
  if (group.key === null) return speech.say("portfolioNoKey");
  if (by === "branch") return group.name ?? group.key;
  if (by === "crop" && crops.has(group.key)) return cropName(group.key, crops, speech) ?? group.key;
  return by === "product" ? group.key : (valueName(group.key, speech) ?? group.key);
}

function asking(office: Office, view: View, found: Schemas["Portfolio"]): HTMLElement {
  const { say } = office.speech;
  const options = CUTS.map((by) => el("option", { value: by, selected: by === view.by }, say(`portfolioBy_${by}`)));
  const by = el("select", { id: "portfolio-by" }, ...options);
  const day = el("input", { id: "portfolio-day", type: "date", value: found.day, max: found.today });
  const show = (): void => {
    const wanted = CUTS.find((each) => each === by.value) ?? "branch";
    office.go(viewAddress({ by: wanted, day: day.value === "" || day.value === found.today ? null : day.value }));
  };
  by.addEventListener("change", show);
  const form = el("form", { class: "asked" }, el("label", { class: "choice" }, say("portfolioBy"), by), el("label", { class: "choice" }, say("portfolioDay"), day), el("button", { type: "submit" }, say("portfolioShow")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    show();
  });
  return form;
}

function chart(named: readonly Named[], speech: OfficeSpeech): HTMLElement {
  const { say } = speech;
  const largest = [...named].sort((one, other) => other.group.parcels - one.group.parcels).slice(0, MOST_BARS);
  const lines = largest.map(({ group, name }) => ({ name, count: group.parcels, risk: group.at_risk }));
  const key = el("p", { class: "bars-key" }, el("span", {}, say("portfolioParcels")), el("span", { class: "risk" }, say("portfolioAtRisk")));
  return el("section", { class: "card" }, el("h2", {}, say("portfolioChart")), bars(lines, speech), key, el("p", { class: "sub" }, say("portfolioCaption")));
}

function counts(named: readonly Named[], by: CutBy, speech: OfficeSpeech): HTMLElement {
  const { say, language } = speech;
  const number = (value: number | null): Cell => (value === null ? "–" : formatNumber(value, language));
  const rows = named.map(({ group, name }): Cell[] => [name, number(group.parcels), formatNumber(group.area_ha, language, 1), number(group.at_risk), number(group.needs_visit), number(group.facilities), number(group.accounts)]);
  const heads: OfficeKey[] = ["portfolioParcels", "portfolioArea", "portfolioAtRisk", "portfolioVisits", "portfolioFacilities", "portfolioAccounts"];
  const table = sheet(say("portfolioCounts"), [{ head: `portfolioBy_${by}` }, ...heads.map((head) => ({ head, figure: true }))], rows, speech);
  return el("section", { class: "card" }, el("h2", {}, say("portfolioCounts")), table);
}

function amounts(named: readonly Named[], by: CutBy, speech: OfficeSpeech): HTMLElement {
  const { say } = speech;
  const money = (value: Schemas["Money"] | null): Cell => (value === null ? "–" : formatMoney(value, speech.language));
  const rows = named.flatMap(({ group, name }) =>
    group.money.map((each): Cell[] => [name, each.currency, money(each.sanctioned), money(each.outstanding), money(each.overdue), money(each.at_risk), money(each.proposed), money(each.decided), formatNumber(each.unknown, speech.language)]),
  );
  const heads: OfficeKey[] = ["portfolioSanctioned", "portfolioOutstanding", "portfolioOverdue", "portfolioRiskMoney", "portfolioProposed", "portfolioDecided", "portfolioUnknown"];
  const table = sheet(say("portfolioMoney"), [{ head: `portfolioBy_${by}` }, { head: "portfolioCurrency" }, ...heads.map((head) => ({ head, figure: true }))], rows, speech);
  return el("section", { class: "card" }, el("h2", {}, say("portfolioMoney")), rows.length === 0 ? el("p", { class: "empty" }, "–") : table);
}

function taking(view: View, speech: OfficeSpeech): HTMLElement {
  const { say } = speech;
  const lists = [["table", "portfolioTakeTable"], ["parcels", "portfolioTakeParcels"], ["facilities", "portfolioTakeFacilities"]] as const;
  const links = lists.flatMap(([what, word]) =>
    (["csv", "xlsx"] as const).map((kind) => el("a", { class: "onward", href: fileAddress(view, what, kind), download: true }, say("portfolioTakeFile", { what: say(word), kind: kind === "csv" ? "CSV" : "Excel" }))),
  );
  return el("section", { class: "card" }, el("h2", {}, say("portfolioTake")), el("p", { class: "downloads" }, ...links), el("p", { class: "sub" }, say("portfolioTaken")));
}
