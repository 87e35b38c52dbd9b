/** How far a job of the service is, asked for until it has ended. */
import { el } from "../../dom";
import { formatNumber } from "../../format";
import type { OfficeSpeech } from "../words";
import { hasEnded, rest, type Job } from "./jobs";

const EVERY_MS = 1500;

interface Progress {
  readonly state: Job["state"];
  readonly step: string | null;
  readonly steps_done: number | null;
  readonly steps: number | null;
  readonly error: Job["error"];
}

export function stateText(job: Progress, { say, language }: OfficeSpeech): string {
  switch (job.state) {
    case "queued":
      return say("work_queued");
    case "running":
      if (job.step === null || job.steps === null) return say("work_runningAny");
      return say("work_running", { step: job.step, done: formatNumber(job.steps_done ?? 0, language), all: formatNumber(job.steps, language) });
    case "done":
      return say("work_done");
    case "cancelled":
      return say("work_cancelled");
    default:
      return say("work_failed", { why: job.error ? `${job.error.message} ${job.error.remedy}` : "" });
  }
}

/** A line that tells how far something is; asks again until it has ended, and gives what it ended as. */
export async function follow<Shown extends Progress>(host: HTMLElement, title: string, ask: () => Promise<Shown>, speech: OfficeSpeech, signal: AbortSignal): Promise<Shown> {
  const said = el("span", { role: "status" });
  const bar = el("progress", { max: 1, "aria-label": title });
  host.replaceChildren(el("p", { class: "job-line" }, el("strong", {}, title), " ", said), bar);
  for (;;) {
    const shown = await ask();
    said.textContent = stateText(shown, speech);
    if (shown.steps) bar.value = (shown.steps_done ?? 0) / shown.steps;
    if (hasEnded(shown.state)) {
      bar.remove();
      if (shown.state === "failed") said.classList.add("problem");
      return shown;
    }
    await rest(EVERY_MS, signal);
  }
}
