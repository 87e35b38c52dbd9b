/** Applications: the list, a new one, and each with its steps, which can be left and taken up anywhere. */
import "./applications.css";
import { el } from "../../dom";
import { formatDay, formatMoney } from "../../format";
import type { Draw, Office, Room } from "../office";
import { writePlace, type Place } from "../place";
import * as asking from "./asking";
import { begin } from "./begin";
import { stepElement } from "./stepviews";
import { lacksOf, STEPS, stepNamed, type Page, type Step } from "./steps";

const NAME = "applications";

export const applicationsRoom: Room = {
  name: NAME,
  tab: "app_tab",
  roles: ["officer", "reviewer", "risk"],
  open: (office, place, signal) => {
    const [number, step] = place.path;
    if (number === undefined) return list(office, place, signal);
    return number === "new" ? begin(office, place, signal) : one(office, number, step, signal);
  },
};

async function list(office: Office, place: Place, signal: AbortSignal): Promise<Draw> {
  const after = Number(new URLSearchParams(place.query).get("after")) || 0;
  const answer = await asking.list(office, after, signal);
  return () => {
    const { say, language } = office.speech;
    const lines = answer.lines.map((line) =>
      el(
        "li",
        {},
        el("span", { class: "line-body" }, el("a", { href: writePlace(NAME, [line.number]) }, line.number), el("span", { class: "sub" }, [line.name, line.farmer].filter(Boolean).join(" · "))),
        el("span", {}, say(`app_stage_${line.stage}`)),
        el("span", { class: "figure" }, line.requested ? formatMoney(line.requested, language) : "–"),
      ),
    );
    const title = say("app_title");
    const element = el(
      "div",
      {},
      el("div", { class: "page-head" }, el("h1", { tabindex: -1 }, title), office.person.role !== "risk" && el("a", { class: "onward", href: writePlace(NAME, ["new"]) }, say("app_new"))),
      lines.length ? el("ul", { class: "lines card" }, ...lines) : el("p", { class: "empty" }, say("app_none")),
      answer.next !== null && el("p", {}, el("a", { href: writePlace(NAME, [], `after=${answer.next}`) }, "→")),
    );
    return { title, element };
  };
}

async function one(office: Office, number: string, named: string | undefined, signal: AbortSignal): Promise<Draw> {
  const page = await asking.page(office, number, signal);
  const step = page.stage === "draft" ? stepNamed(named, page.lacks) : named === undefined ? "onward" : stepNamed(named, page.lacks);
  const choices = await asking.choices(office, page.season_id, signal);
  const limit = step === "limit" ? await asking.limit(office, number, signal).catch((error: unknown) => error as Error) : null;
  return () => {
    const gone = new AbortController();
    const body = stepElement(office, page, step, choices, limit, gone.signal);
    return { title: number, element: whole(office, page, step, body), leave: () => gone.abort() };
  };
}

function whole(office: Office, page: Page, step: Step, body: HTMLElement): HTMLElement {
  const { say, language } = office.speech;
  const who = page.next_roles.length ? say("app_next", { who: page.next_roles.map((role) => say(`role_${role}`)).join(" / ") }) : say("app_over");
  const borrower = [page.borrower.name, page.borrower.farmer].filter(Boolean).join(" · ");
  const steps = STEPS.map((each) => {
    const lacks = lacksOf(each, page.lacks).map((lack) => say(`app_lack_${lack}`));
    const state = each === "limit" || each === "onward" ? "" : lacks.length ? say("app_lacks", { what: lacks.join(language === "zh" ? "、" : ", ") }) : say("app_complete");
    const link = el("a", { href: writePlace(NAME, [page.number, each]), ...(each === step && { "aria-current": "step" }) }, say(`app_step_${each}`));
    return el("li", { class: lacks.length ? "lacking" : "" }, link, el("span", { class: "sub" }, state));
  });
  const after = STEPS[STEPS.indexOf(step) + 1];
  const onward = after !== undefined && el("p", { class: "next-step" }, el("a", { class: "onward", href: writePlace(NAME, [page.number, after]) }, say("app_nextStep", { step: say(`app_step_${after}`) })));
  const history = page.history.map((event) =>
    el("li", {}, el("span", { class: "line-body" }, `${say(`app_ev_${event.kind}`)} · ${event.name}`, event.note !== null && el("span", { class: "sub" }, event.note)), el("span", { class: "sub" }, formatDay(event.at.slice(0, 10), language))),
  );
  return el(
    "div",
    {},
    el("div", { class: "page-head" }, el("h1", { tabindex: -1 }, page.number), el("p", { class: "count" }, borrower)),
    el("p", { class: "stage" }, el("strong", {}, say(`app_stage_${page.stage}`)), ` · ${who}`),
    el("div", { class: "application" }, el("nav", { class: "card steps", "aria-label": say("app_steps") }, el("ol", {}, ...steps)), el("section", { class: "card" }, el("h2", {}, say(`app_step_${step}`)), body, onward)),
    el("details", { class: "card" }, el("summary", {}, say("app_history")), el("ul", { class: "lines" }, ...history)),
  );
}
