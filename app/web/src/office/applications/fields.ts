/** Labelled fields, and forms that say whether what was typed is saved. */
import { ApiError } from "../../api";
import { el } from "../../dom";
import type { Office } from "../office";
import { problemText } from "../problems";
import type { Page } from "./steps";

export interface Field<Input extends HTMLElement = HTMLInputElement> {
  readonly row: HTMLElement;
  readonly input: Input;
}

let made = 0;

export function textField(label: string, value = "", attributes: Record<string, string | number | boolean> = {}): Field {
  const id = `field-${(made += 1)}`;
  const input = el("input", { id, type: "text", value, maxlength: 500, ...attributes });
  return { input, row: el("div", { class: "field" }, el("label", { for: id }, label), input) };
}

export function choiceField(label: string, choices: readonly (readonly [string, string])[], chosen = ""): Field<HTMLSelectElement> {
  const id = `field-${(made += 1)}`;
  const options = choices.map(([value, text]) => el("option", { value, selected: value === chosen }, text));
  const input = el("select", { id }, ...options);
  return { input, row: el("div", { class: "field" }, el("label", { for: id }, label), input) };
}

/** A form that sends one step; the line beside its button says whether it is saved. */
export function stepForm(office: Office, button: string, parts: readonly (Node | false | null)[], send: () => Promise<Page> | null): HTMLElement {
  const { say } = office.speech;
  const state = el("span", { class: "saved", role: "status" });
  const submit = el("button", { type: "submit", class: "primary" }, button);
  const run = async (): Promise<void> => {
    const sending = send();
    if (sending === null) return;
    submit.disabled = true;
    state.textContent = say("app_saving");
    try {
      await sending;
      office.reload();
      office.announce(say("app_saved"));
    } catch (error) {
      submit.disabled = false;
      const stale = error instanceof ApiError && error.problem.code === "APPLICATION_CHANGED";
      state.textContent = say("app_notSaved", { why: stale ? say("app_changed") : problemText(error, office.speech) });
    }
  };
  return el(
    "form",
    {
      class: "step-form",
      onsubmit: (event) => {
        event.preventDefault();
        void run();
      },
    },
    ...parts,
    el("div", { class: "buttons" }, submit, state),
  );
}
