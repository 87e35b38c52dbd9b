/** What each step shows and takes. */
import { ApiError } from "../../api";
import { el } from "../../dom";
import { formatEffect, formatMoney, formatShare } from "../../format";
import type { Office } from "../office";
import { writePlace } from "../place";
import { problemText } from "../problems";
import * as asking from "./asking";
import { choiceField, stepForm, textField } from "./fields";
import { decimalTyped, type Page, type Plan, type Step } from "./steps";

const PAPERS = ["identity", "land_certificate", "lease", "consent", "income", "insurance", "other"] as const;
const MOST_FOUND = 8;
const OUTCOMES = ["clear", "adverse", "no_record", "unavailable"] as const;

export function stepElement(office: Office, page: Page, step: Step, choices: asking.Choices, limit: asking.Preliminary | Error | null): HTMLElement {
  if (step === "person") return person(office, page, choices);
  if (step === "papers") return papers(office, page);
  if (step === "plots") return plots(office, page, choices);
  if (step === "asked") return asked(office, page, choices);
  return step === "limit" ? preliminary(office, page, limit) : onward(office, page);
}

const editable = (page: Page): boolean => page.may.includes("change");

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
  const told = report === null ? null : el("p", {}, [say(`app_${report.outcome}`), report.debt && formatMoney(report.debt, language), report.as_of].filter(Boolean).join(" · "));
  const capacity = page.capacity === null ? null : el("p", {}, formatMoney(page.capacity, language));
  const outcome = choiceField(say("app_outcome"), OUTCOMES.map((each) => [each, say(`app_${each}`)] as const));
  const debt = textField(say("app_debt"), "", { inputmode: "decimal" });
  const day = textField(say("app_asOf"), choices.day, { type: "date", required: true });
  const sum = textField(say("app_capacity"), "", { inputmode: "decimal", required: true });
  const sendReport = (): Promise<Page> => {
    const amount = decimalTyped(debt.input.value);
    return asking.change(office, page, "POST", "bureau", { outcome: outcome.input.value, as_of: day.input.value, ...(amount !== null && { debt: amount }) });
  };
  const sendCapacity = (): Promise<Page> => asking.change(office, page, "POST", "capacity", { amount: decimalTyped(sum.input.value) ?? sum.input.value });
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
    return el("li", {}, picture, el("span", { class: "line-body" }, say(`app_${paper.kind}`), open), editable(page) && stepForm(office, say("app_takeBack"), [], () => asking.removePaper(office, page, paper.id)));
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

function plots(office: Office, page: Page, choices: asking.Choices): HTMLElement {
  const { say, pick } = office.speech;
  const save = (plans: readonly Plan[]): Promise<Page> => asking.change(office, page, "PUT", "plots", { plots: plans.map(asking.planBody) });
  const cropNames = choices.crops.map((crop) => [crop.key, pick(crop.name)] as const);
  const rights = [["", say("app_noRight")] as const, ...page.rights.map((right) => [String(right.id), `${say(right.basis === "lease" ? "app_lease" : "app_certificate")} · ${right.starts_on}`] as const)];
  const rows = page.plots.map((plot, place) => {
    const crop = choiceField(say("app_crop"), cropNames, plot.crop);
    const area = textField(say("app_area"), plot.area_ha === null ? "" : String(plot.area_ha), { inputmode: "decimal" });
    const sowing = textField(say("app_sowing"), plot.sowing_on ?? "", { type: "date" });
    const harvest = textField(say("app_harvest"), plot.harvest_on ?? "", { type: "date" });
    const right = choiceField(say("app_right"), rights, String(plot.land_right_id ?? ""));
    const changed = (): Plan => ({
      ...plot,
      crop: crop.input.value,
      area_ha: area.input.value.trim() === "" ? null : Number(decimalTyped(area.input.value)),
      sowing_on: sowing.input.value || null,
      harvest_on: harvest.input.value || null,
      land_right_id: right.input.value === "" ? null : Number(right.input.value),
    });
    const found = el("p", { class: "note", role: "status" });
    void showGround(office, page, plot.parcel_id, found);
    const forms = editable(page) && [
      stepForm(office, say("app_save"), [crop.row, area.row, sowing.row, harvest.row, right.row], () => save(page.plots.map((each, at) => (at === place ? changed() : each)))),
      stepForm(office, say("app_drop"), [], () => save(page.plots.filter((_, at) => at !== place))),
    ];
    return el("fieldset", { class: "plot" }, el("legend", {}, plot.parcel_id), found, ...(forms || [`${plot.crop} · ${plot.area_ha ?? plot.outline_ha ?? ""} ha`]));
  });
  return el("div", {}, ...rows, editable(page) && picking(office, page, choices, save), editable(page) && rightForm(office, page, choices));
}

async function showGround(office: Office, page: Page, parcel: string, found: HTMLElement): Promise<void> {
  const { say, language } = office.speech;
  try {
    const answer = await asking.ground(office, page.number, parcel, new AbortController().signal);
    const said = answer.pledges.map((each) => say("app_pledged", { share: formatShare(each.share, language), contract: each.contract ?? say("app_elsewhere") }));
    found.classList.toggle("problem", said.length > 0);
    found.textContent = said.length ? said.join(" ") : say("app_free");
  } catch (error) {
    found.textContent = problemText(error, office.speech);
  }
}

function picking(office: Office, page: Page, choices: asking.Choices, save: (plans: readonly Plan[]) => Promise<Page>): HTMLElement {
  const { say } = office.speech;
  const typed = textField(say("app_search"), "", { type: "search" });
  const found = el("ul", { class: "lines" });
  const crop = choices.crops.find((each) => each.key === page.plots.at(-1)?.crop) ?? choices.crops[0];
  const pickOne = (parcel: string): Promise<Page> =>
    save([...page.plots, { parcel_id: parcel, cycle: 1, crop: crop?.key ?? "", area_ha: null, outline_ha: null, sowing_on: crop?.sowing_from ?? null, harvest_on: crop?.harvest_to ?? null, land_right_id: page.rights[0]?.id ?? null }]);
  const look = async (): Promise<void> => {
    const answer = await asking.parcels(office, page.number, typed.input.value, new AbortController().signal);
    const free = answer.parcels.filter((each) => !page.plots.some((plot) => plot.parcel_id === each.parcel_id));
    const asked: (readonly [string, HTMLElement])[] = [];
    found.replaceChildren(
      ...free.slice(0, MOST_FOUND).map((each) => {
        const note = el("span", { class: "sub", role: "status" });
        asked.push([each.parcel_id, note]);
        return el("li", {}, el("span", { class: "line-body" }, `${each.parcel_id} · ${each.area_ha.toFixed(2)} ha${each.theirs ? ` · ${say("app_theirs")}` : ""}`, note), stepForm(office, say("app_pick"), [], () => pickOne(each.parcel_id)));
      }),
    );
    // One after the other, and none for a list that is no longer shown: the questions would hold up the next page.
    for (const [parcel, note] of asked) {
      await new Promise(requestAnimationFrame);
      if (!note.isConnected) return;
      await showGround(office, page, parcel, note);
    }
  };
  typed.input.addEventListener("change", () => void look().catch((error: unknown) => office.fail(error)));
  void look().catch((error: unknown) => office.fail(error));
  return el("div", {}, typed.row, found);
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
  return el("div", {}, el("h3", {}, say("app_addRight")), stepForm(office, say("app_save"), [basis.row, from.row, to.row], send));
}

function asked(office: Office, page: Page, choices: asking.Choices): HTMLElement {
  const { say, pick, language } = office.speech;
  const now = el("p", {}, [page.requested && formatMoney(page.requested, language), page.season_id, pick(page.policy.title)].filter(Boolean).join(" · "));
  if (!editable(page)) return now;
  const policy = choiceField(say("app_policy"), choices.policies.map((each) => [each.id, pick(each.title)] as const), page.policy.id);
  const amount = textField(`${say("app_amount")} (${page.policy.currency})`, page.requested?.amount ?? "", { inputmode: "decimal", required: true });
  const season = choiceField(say("app_season"), choices.seasons.map((each) => [each, each.replace("/", " – ")] as const), page.season_id ?? "");
  const send = (): Promise<Page> =>
    asking.change(office, page, "PUT", "asked", { policy_id: policy.input.value, amount: decimalTyped(amount.input.value) ?? amount.input.value, ...(season.input.value && { season_id: season.input.value }) });
  return el("div", {}, now, stepForm(office, say("app_save"), [policy.row, amount.row, season.row], send));
}

function preliminary(office: Office, page: Page, answer: asking.Preliminary | Error | null): HTMLElement {
  const { say, pick, language } = office.speech;
  if (answer === null || answer instanceof Error) return el("p", { class: "problem" }, answer instanceof ApiError ? answer.problem.message : problemText(answer, office.speech));
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
      return stepForm(office, say(`app_${act}`), [note.row], () => asking.change(office, page, "POST", act, { note: note.input.value }));
    });
  const proposal = page.stage === "proposed" && page.proposal !== null && el("p", {}, el("a", { class: "onward", href: writePlace("decisions", [String(page.proposal)]) }, say("app_toDecision")));
  const decided = page.decided !== null && el("p", { class: "tile-value" }, formatMoney(page.decided, language));
  return el("div", {}, decided, proposal, ...simple, ...noted, page.may.includes("grant") && granting(office, page), page.line !== null && drawing(office, page, page.line));
}

function granting(office: Office, page: Page): HTMLElement {
  const { say } = office.speech;
  const number = textField(say("app_contract"), "", { required: true, maxlength: 128 });
  const from = textField(say("app_from"), "", { type: "date", required: true });
  const to = textField(say("app_to"), "", { type: "date", required: true });
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
    const refuse = open && page.may.includes("refuse_draw") && stepForm(office, say("app_refuse"), [note.row], () => asking.change(office, page, "POST", `drawdowns/${draw.id}/refuse`, { note: note.input.value }));
    return el("li", {}, el("span", { class: "line-body" }, `${formatMoney(draw.amount, language)} · ${draw.status}`), approve, refuse);
  });
  const amount = textField(say("app_draw"), "", { inputmode: "decimal", required: true });
  const ask = page.may.includes("draw") && stepForm(office, say("app_draw"), [amount.row], () => asking.change(office, page, "POST", "drawdowns", { amount: decimalTyped(amount.input.value) ?? amount.input.value }));
  return el("div", {}, el("p", {}, `${line.contract} · ${formatMoney(line.limit, language)}`), el("p", {}, el("strong", {}, say("app_left", { amount: formatMoney(line.left, language) }))), el("ul", { class: "lines" }, ...parts), el("ul", { class: "lines" }, ...draws), ask);
}
