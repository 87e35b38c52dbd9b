/** Whether a site is watched, when it was not and why, and the way to stop or to take it up again for whom may. */
import { el } from "../../dom";
import { formatDay, formatNumber } from "../../format";
import type { Role } from "../answers";
import { field } from "../decisions/parts";
import type { Office } from "../office";
import { problemText } from "../problems";
import type { OfficeSpeech } from "../words";
import type { SitePage, SiteStop, SiteWatching } from "./answers";
import { resumeSite, stopSite } from "./asking";

/** As the service lets them; administrators do so from the command line, since they see no site. */
const KEEPING: readonly Role[] = ["risk", "admin"];
const LONGEST = 255;

export function watchingCard(office: Office, site: SitePage): HTMLElement | null {
  const { speech, person } = office;
  const may = KEEPING.includes(person.role);
  if (!may && site.stops.length === 0) return null;
  const stopped = site.ended_on !== null;
  return el(
    "section",
    { class: "card", id: "site-watching" },
    el("h2", {}, speech.say("sitesWatching")),
    el("p", {}, speech.say(stopped ? "sitesIsStopped" : "sitesIsWatched")),
    site.stops.length > 0 && el("ul", { class: "lines site-lines" }, ...site.stops.map((stop) => stopLine(stop, speech))),
    may && (stopped ? resumeForm(office, site) : el("details", {}, el("summary", { id: "stop-open" }, speech.say("sitesStop")), stopForm(office, site))),
  );
}

/** "23 Nov 2026 by rita: the loan was repaid"; what was not kept then is left out. */
export function stopText({ stopped_at, stopped_by, reason }: Pick<SiteStop, "stopped_at" | "stopped_by" | "reason">, { say, language }: OfficeSpeech): string {
  const day = formatDay(stopped_at.slice(0, 10), language);
  return stopped_by === null || reason === null ? say("sitesStoppedOn", { day }) : say("sitesStoppedBy", { day, who: stopped_by, why: reason });
}

function stopLine(stop: SiteStop, speech: OfficeSpeech): HTMLElement {
  const { say, language } = speech;
  const { resumed_at, resumed_by } = stop;
  const resumed = resumed_at === null || resumed_by === null ? say("sitesStillStopped") : say("sitesResumedBy", { day: formatDay(resumed_at.slice(0, 10), language), who: resumed_by });
  return el("li", {}, el("span", { class: "line-body" }, el("span", {}, stopText(stop, speech)), el("span", { class: "sub" }, resumed)));
}

function stopForm(office: Office, site: SitePage): HTMLElement {
  const { say } = office.speech;
  const reason = el("textarea", { maxlength: LONGEST, rows: 3, required: true });
  return changeForm(office, "site-stop", "sitesStop", [el("p", { class: "sub" }, say("sitesStopSub")), field("stop-reason", say("sitesStopReason"), reason)], async (problem) => {
    const said = reason.value.trim();
    if (said === "") return problem(say("sitesStopNoReason"));
    told(office, "sitesStopDone", await stopSite(office.client, site.site_id, said));
  });
}

function resumeForm(office: Office, site: SitePage): HTMLElement {
  return changeForm(office, "site-resume", "sitesResume", [], async () => told(office, "sitesResumeDone", await resumeSite(office.client, site.site_id)));
}

function told(office: Office, done: "sitesStopDone" | "sitesResumeDone", { alerts }: SiteWatching): void {
  const { say, language } = office.speech;
  const left = done === "sitesStopDone" && alerts.length > 0 ? ` ${say("sitesStopAlerts", { n: formatNumber(alerts.length, language) })}` : "";
  office.announce(say(done) + left);
  office.reload();
}

function changeForm(office: Office, id: string, label: "sitesStop" | "sitesResume", fields: Node[], act: (problem: (text: string) => void) => Promise<void>): HTMLElement {
  const problem = el("p", { class: "problem", role: "alert", hidden: true });
  const button = el("button", { type: "submit", id, class: "primary" }, office.speech.say(label));
  const refuse = (text: string): void => {
    problem.hidden = false;
    problem.replaceChildren(text);
    button.disabled = false;
  };
  const send = async (): Promise<void> => {
    problem.hidden = true;
    button.disabled = true;
    try {
      await act(refuse);
    } catch (error) {
      refuse(problemText(error, office.speech));
    }
  };
  return el("form", { class: "meter-form", "aria-label": office.speech.say(label), novalidate: true, onsubmit: (event) => (event.preventDefault(), void send()) }, ...fields, problem, button);
}
