/** The letter to the farmer and the committee's sheet: written by a worker when somebody asks, then opened. */
import { el } from "../../dom";
import type { Office } from "../office";
import { follow } from "../jobs/jobline";
import { job } from "../jobs/jobs";
import { letter, type Reader } from "./asking";

const READERS: readonly Reader[] = ["committee", "farmer"];

export function lettersSection(office: Office, proposal: number, signal: AbortSignal): HTMLElement {
  const { say } = office.speech;
  const rows = READERS.map((reader) => row(office, proposal, reader, signal));
  return el("section", { class: "card", id: "letters" }, el("h2", {}, say("decisionsLetters")), ...rows, el("p", { class: "sub" }, say("decisionsLettersHint")));
}

function row(office: Office, proposal: number, reader: Reader, signal: AbortSignal): HTMLElement {
  const { say, language } = office.speech;
  const host = el("div", {});
  const button = el("button", { type: "button", id: `letter-${reader}` }, say(`decisionsLetter_${reader}`));
  const write = async (): Promise<void> => {
    button.disabled = true;
    try {
      const asked = await letter(office.client, proposal, { reader, language });
      const done = await follow(host, "", () => job(office.client, asked.number, signal), office.speech, signal);
      if (done.state === "done") host.replaceChildren(opened(office, reader, done.number));
    } catch (error) {
      if (!signal.aborted) office.fail(error);
    }
    button.disabled = false;
  };
  button.addEventListener("click", () => void write());
  return el("div", { class: "letter" }, button, host);
}

function opened({ speech }: Office, reader: Reader, number: number): HTMLElement {
  const text = speech.say("decisionsLetterOpen", { what: speech.say(`decisionsLetter_${reader}`) });
  return el("a", { class: "onward", id: `open-${reader}`, href: `/api/v1/letters/${number}.pdf`, target: "_blank", rel: "noopener" }, text);
}
