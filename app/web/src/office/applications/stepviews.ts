/** What each step shows and takes. */
import { el } from "../../dom";
import { formatDay, formatEffect, formatMoney, formatSpan } from "../../format";
import type { Language } from "../../i18n";
import { toldAddress } from "../decisions/address";
import type { Office } from "../office";
import { writePlace } from "../place";
import * as asking from "./asking";
import { choiceField, decimalField, stepForm, textField, type DecimalField } from "./fields";
import { plots } from "./plots";
import { refusalText } from "./refusals";
import { editable, type Page, type Step } from "./steps";

const PAPERS = ["identity", "land_certificate", "lease", "consent", "income", "insurance", "other"] as const;
const OUTCOMES = ["clear", "adverse", "no_record", "unavailable"] as const;

export function stepElement(office: Office, page: Page, step: Step, choices: asking.Choices, limit: asking.Preliminary | Error | null, signal: AbortSignal): HTMLElement {
  if (step === "person") return person(office, page, choices);
  if (step === "papers") return papers(office, page);
  if (step === "plots") return plots(office, page, choices, signal);
  if (step === "asked") return asked(office, page, choices);
  return step === "limit" ? preliminary(office, page, limit) : onward(office, page);
}

/** Send a change with an amount; null: what was typed is none, and its field says so. */
function withAmount(field: DecimalField, send: (amount: string) => Promise<Page>): Promise<Page> | null {
  const amount = field.read();
  return amount === null || amount === undefined ? null : send(amount);
}

function person(office: Office, page: Page, choices: asking.Choices): HTMLElement {
  const { say, language } = office.speech;
  const consents = (["processing", "bureau"] as const).map((purpose) => {
    const given = page.consents.some((each) => each.purpose === purpose && each.stands);
    const title = el("h3", {}, `${say(`app_consent_${purpose}`)}: ${given ? say("app_agreed") : "–"}`);
    if (given || !editable(page)) return title;
    const version = textField(say("app_textVersion"), "", { required: true, maxlength: 128 });
    const send = (): Promise<Page> => asking.change(office, page, "POST", "consents", { purpose, text_version: version.input.value.trim(), language });
    return el("div", {}, title, stepForm(office, say("app_agree"), [version.row], send));
  });
  const report = page.report;
  const told = report === null ? null : el("p", {}, [say(`app_${report.outcome}`), report.debt && say("app_owes", { amount: formatMoney(report.debt, language) }), formatDay(report.as_of, language)].filter(Boolean).join(" · "));
  const capacity = page.capacity === null ? null : el("p", {}, formatMoney(page.capacity, language));
  const outcome = choiceField(say("app_outcome"), OUTCOMES.map((each) => [each, say(`app_${each}`)] as const));
  const debt = decimalField(office.speech, say("app_debt"));
  const day = textField(say("app_asOf"), choices.day, { type: "date", required: true });
  const sum = decimalField(office.speech, say("app_capacity"), "", { required: true });
  const sendReport = (): Promise<Page> | null => {
    const amount = debt.read();
    if (amount === undefined) return null;
    return asking.change(office, page, "POST", "bureau", { outcome: outcome.input.value, as_of: day.input.value, ...(amount !== null && { debt: amount }) });
  };
  const sendCapacity = (): Promise<Page> | null => withAmount(sum, (amount) => asking.change(office, page, "POST", "capacity", { amount }));
  return el(
    "div",
    {},
    ...consents,
    el("h3", {}, say("app_report")),
    told,
    editable(page) && stepForm(office, say("app_save"), [outcome.row, debt.row, day.row], sendReport),
    el("h3", {}, say("app_capacity")),
    capacity,
    editable(page) && stepForm(office, say("app_save"), [sum.row], sendCapacity),
  );
}

function papers(office: Office, page: Page): HTMLElement {
  const { say } = office.speech;
  const kept = page.papers.map((paper) => {
    const picture = paper.media_type !== "application/pdf" && el("img", { src: asking.paperAddress(page, paper.id), alt: say(`app_${paper.kind}`), loading: "lazy", width: 120 });
    const open = el("a", { href: asking.paperAddress(page, paper.id), target: "_blank", rel: "noopener" }, say("app_open"));
    return el("li", {}, picture, el("span", { class: "line-body" }, say(`app_${paper.kind}`), open), editable(page) && stepForm(office, say("app_takeBack"), [], () => asking.removePaper(office, page, paper.id), { plain: true }));
  });
  const kind = choiceField(say("app_paperKind"), PAPERS.map((each) => [each, say(`app_${each}`)] as const));
  const file = textField(say("app_photo"), "", { type: "file", accept: "image/jpeg,image/png,application/pdf", capture: "environment", required: true });
  const preview = el("img", { class: "preview", alt: say("app_preview"), hidden: true });
  file.input.addEventListener("change", () => {
    const chosen = file.input.files?.[0];
    preview.hidden = !chosen?.type.startsWith("image/");
    if (preview.src) URL.revokeObjectURL(preview.src);
    if (chosen && !preview.hidden) preview.src = URL.createObjectURL(chosen);
  });
  const send = (): Promise<Page> | null => {
    const chosen = file.input.files?.[0];
    return chosen ? asking.sendPaper(page, kind.input.value, chosen) : null;
  };
  return el("div", {}, el("ul", { class: "lines" }, ...kept), editable(page) && stepForm(office, say("app_send"), [kind.row, file.row, preview], send));
}

function asked(office: Office, page: Page, choices: asking.Choices): HTMLElement {
  const { say, pick, language } = office.speech;
  const now = el("p", {}, [page.requested && formatMoney(page.requested, language), page.season_id && seasonSaid(page.season_id, language), pick(page.policy.title)].filter(Boolean).join(" · "));
  if (!editable(page)) return now;
  const policy = choiceField(say("app_policy"), choices.policies.map((each) => [each.id, pick(each.title)] as const), page.policy.id);
  const asked = decimalField(office.speech, `${say("app_amount")} (${page.policy.currency})`, page.requested?.amount ?? "", { required: true });
  const season = choiceField(say("app_season"), choices.seasons.map((each) => [each, seasonSaid(each, language)] as const), page.season_id ?? "");
  const send = (): Promise<Page> | null =>
    withAmount(asked, (amount) => asking.change(office, page, "PUT", "asked", { policy_id: policy.input.value, amount, ...(season.input.value && { season_id: season.input.value }) }));
  return el("div", {}, now, stepForm(office, say("app_save"), [policy.row, asked.row, season.row], send));
}

function seasonSaid(id: string, language: Language): string {
  const [start = "", end = ""] = id.split("/");
  return formatSpan(start, end, language);
}

function preliminary(office: Office, page: Page, answer: asking.Preliminary | Error | null): HTMLElement {
  const { say, pick, language } = office.speech;
  if (answer === null || answer instanceof Error) return el("p", { class: "problem" }, refusalText(answer, office.speech));
  const { limit } = answer;
  const lines = limit.reasons.map((line) => el("tr", {}, el("td", {}, pick(line)), el("td", { class: "figure" }, formatEffect(line.effect, limit.currency, language))));
  const parts = answer.plots.map((plot) => el("li", {}, el("span", { class: "line-body" }, plot.parcel_id, el("span", { class: "sub" }, say(plot.run_id === null ? "app_asPlanned" : "app_lookedAt")), ...plot.limit.reasons.map((line) => el("span", { class: "sub" }, pick(line)))), el("span", { class: "figure" }, plot.limit.amount ? formatMoney(plot.limit.amount, language) : "–")));
  return el(
    "div",
    { id: `limit-${page.version}` },
    el("p", { class: "tile-value" }, limit.amount ? formatMoney(limit.amount, language) : say("app_noAmount")),
    el("p", {}, el("strong", {}, say("app_noPromise")), answer.example && ` ${say("app_example")}`),
    el("h3", {}, say("app_receipt")),
    el("table", { class: "receipt-lines" }, el("tbody", {}, ...lines)),
    el("ul", { class: "lines" }, ...parts),
  );
}

function onward(office: Office, page: Page): HTMLElement {
  const { say, language } = office.speech;
  const simple = (["submit", "take_up", "propose"] as const).filter((act) => page.may.includes(act) && !(act === "take_up" && page.reviewer === office.person.login)).map((act) => stepForm(office, say(`app_${act}`), [], () => asking.change(office, page, "POST", act.replace("_", "-"))));
  const noted = (["return", "withdraw"] as const)
    .filter((act) => page.may.includes(act))
    .map((act) => {
      const note = textField(say("app_note"), "", { required: true, maxlength: 2000 });
      return stepForm(office, say(`app_${act}`), [note.row], () => asking.change(office, page, "POST", act, { note: note.input.value }), { plain: true });
    });
  const proposal = page.stage === "proposed" && page.proposal !== null && el("p", {}, el("a", { class: "onward", href: writePlace("decisions", [String(page.proposal)]) }, say("app_toDecision")));
  const told = page.proposal !== null && ["proposed", "approved", "granted"].includes(page.stage) && el("p", {}, el("a", { class: "onward", id: "explain", href: toldAddress(page.proposal) }, say("app_explain")));
  const decided = page.decided !== null && el("p", { class: "tile-value" }, formatMoney(page.decided, language));
  return el("div", {}, decided, proposal, told, ...simple, ...noted, page.may.includes("grant") && granting(office, page), page.line !== null && drawing(office, page, page.line));
}

function granting(office: Office, page: Page): HTMLElement {
  const { say } = office.speech;
  const number = textField(say("app_contract"), "", { required: true, maxlength: 128 });
  const from = textField(say("app_from"), "", { type: "date", required: true });
  const to = textField(say("app_until"), "", { type: "date", required: true });
  const send = (): Promise<Page> => asking.change(office, page, "POST", "facility", { number: number.input.value, starts_on: from.input.value, ends_on: to.input.value });
  return stepForm(office, say("app_grant"), [number.row, from.row, to.row], send);
}

function drawing(office: Office, page: Page, line: NonNullable<Page["line"]>): HTMLElement {
  const { say, pick, language } = office.speech;
  const parts = line.tranches.map((part) => el("li", {}, el("span", { class: "line-body" }, pick(part.title), ...part.reasons.map((reason) => el("span", { class: "sub" }, pick(reason)))), el("span", { class: "figure" }, `${formatMoney(part.drawable, language)} / ${formatMoney(part.amount, language)}`)));
  const draws = line.draws.map((draw) => {
    const open = draw.status === "requested";
    const note = textField(say("app_note"), "", { required: true });
    const approve = open && !draw.own && page.may.includes("approve_draw") && stepForm(office, say("app_approve"), [], () => asking.change(office, page, "POST", `drawdowns/${draw.id}/approve`));
    const refuse = open && page.may.includes("refuse_draw") && stepForm(office, say(draw.own ? "app_takeBack" : "app_refuse"), [note.row], () => asking.change(office, page, "POST", `drawdowns/${draw.id}/refuse`, { note: note.input.value }), { plain: true });
    return el("li", {}, el("span", { class: "line-body" }, `${formatMoney(draw.amount, language)} · ${say(`app_draw_${draw.status}`)}`), approve, refuse);
  });
  const sum = decimalField(office.speech, say("app_draw"), "", { required: true });
  const ask = page.may.includes("draw") && stepForm(office, say("app_draw"), [sum.row], () => withAmount(sum, (amount) => asking.change(office, page, "POST", "drawdowns", { amount })));
  return el("div", {}, el("p", {}, `${line.contract} · ${formatMoney(line.limit, language)}`), el("p", {}, el("strong", {}, say("app_left", { amount: formatMoney(line.left, language) }))), el("ul", { class: "lines" }, ...parts), el("ul", { class: "lines draws" }, ...draws), ask);
}
