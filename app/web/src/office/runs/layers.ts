/** What of a run lies on the squares of the map, and asking a worker for it. */
import { el } from "../../dom";
import { formatDay, formatNumber } from "../../format";
import { follow } from "../jobs/jobline";
import { hasEnded, job, type Job } from "../jobs/jobs";
import type { Office } from "../office";
import type { components } from "../schema";
import type { OfficeSpeech } from "../words";

export type RunLayers = components["schemas"]["RunLayers"];

const pathOf = (run: string): string => `/runs/${encodeURIComponent(run)}/layers`;

export const layersOf = ({ client }: Office, run: string, signal: AbortSignal): Promise<RunLayers> => client.get(pathOf(run), signal);

/** What the map shows of a run. */
export function layersText(layers: RunLayers, { say, language }: OfficeSpeech): string {
  const season = say(layers.season ? "runsSeasonFast" : "runsSeasonSlow");
  if (layers.newest === null) return `${say("runsNoDates")} ${season}`;
  return `${say("runsDates", { count: formatNumber(layers.dates, language), newest: formatDay(layers.newest, language) })} ${season}`;
}

/** A card that tells it, follows a job that runs, and lets who answers for risk ask for one. */
export function layersCard(office: Office, run: string, shown: RunLayers, files: boolean, signal: AbortSignal): HTMLElement {
  const { say } = office.speech;
  const text = el("p", {}, layersText(shown, office.speech));
  const host = el("div", {});
  const button = el("button", { type: "button", id: "make-layers", disabled: !files }, say("runsMakeLayers"));
  const watch = async (find: () => Promise<Job>): Promise<void> => {
    button.disabled = true;
    try {
      const { number } = await find();
      const done = await follow(host, say("runsLayersJob"), () => job(office.client, number, signal), office.speech, signal);
      if (done.state === "done") text.textContent = layersText(await layersOf(office, run, signal), office.speech);
    } catch (error) {
      if (!signal.aborted) office.fail(error);
    }
    button.disabled = !files;
  };
  button.addEventListener("click", () => void watch(() => office.client.change<Job>("POST", pathOf(run))));
  const last = shown.job;
  if (last !== null && (last.state === "failed" || !hasEnded(last.state))) void watch(async () => last);
  const mayAsk = office.person.role === "risk";
  return el("section", { class: "card", id: "run-layers" }, el("h2", {}, say("runsLayers")), text, host, mayAsk && button, mayAsk && !files && el("p", { class: "sub" }, say("runsLayersNoFiles")));
}
