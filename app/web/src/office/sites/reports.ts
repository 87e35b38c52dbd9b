/** The observation report: written by a worker when somebody asks, then opened; and those given out before. */
import { el } from "../../dom";
import { formatDay } from "../../format";
import { follow } from "../jobs/jobline";
import { job } from "../jobs/jobs";
import type { Office } from "../office";
import type { SitePage } from "./answers";
import { report, reportUrl } from "./asking";

const SHORT = 12;

export function reportsCard(office: Office, site: SitePage, signal: AbortSignal): HTMLElement {
  const { say } = office.speech;
  const host = el("div", {});
  const button = el("button", { type: "button", id: "site-report", class: "primary", disabled: site.as_of === null }, say("sitesWrite"));
  button.addEventListener("click", () => void write(office, site.site_id, button, host, signal));
  return el(
    "section",
    { class: "card", id: "site-reports" },
    el("h2", {}, say("sitesReports")),
    el("p", { class: "sub" }, say("sitesReportsSub")),
    el("p", {}, button),
    site.as_of === null && el("p", { class: "sub" }, say("sitesNoWatch")),
    host,
    given(office, site),
  );
}

async function write(office: Office, site: string, button: HTMLButtonElement, host: HTMLElement, signal: AbortSignal): Promise<void> {
  const { speech, client } = office;
  button.disabled = true;
  try {
    const { number } = await report(client, site, speech.language);
    const done = await follow(host, speech.say("sitesWriting"), () => job(client, number, signal), speech, signal);
    if (done.state === "done") host.replaceChildren(el("a", { class: "onward", id: "site-report-open", href: reportUrl(done.number), target: "_blank", rel: "noopener" }, speech.say("sitesOpenReport")));
  } catch (error) {
    if (!signal.aborted) office.fail(error);
  }
  button.disabled = false;
}

function given({ speech }: Office, site: SitePage): HTMLElement {
  const { say, language } = speech;
  if (site.reports.length === 0) return el("p", { class: "empty" }, say("sitesNoReports"));
  const lines = site.reports.map((each) => {
    const made = say("sitesReportMade", { day: formatDay(each.made_at.slice(0, 10), language), who: each.made_by });
    const hash = say("sitesReportHash", { hash: each.facts_hash.slice(0, SHORT) });
    return el("li", {}, el("span", { class: "line-body" }, el("strong", {}, say("sitesAsOf", { day: formatDay(each.as_of, language) })), el("span", { class: "sub" }, made), el("span", { class: "sub", title: each.facts_hash }, hash)));
  });
  return el("ul", { class: "lines site-lines" }, ...lines);
}
