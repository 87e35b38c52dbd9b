/** Labelled fields, and forms that say whether what was typed is saved. */
import { el } from "../../dom";
import type { Office } from "../office";
import type { OfficeSpeech } from "../words";
import { refusalText } from "./refusals";
import { decimalTyped, type Page } from "./steps";

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

export interface DecimalField extends Field {
  /** What was typed, as the service takes it; null: nothing; undefined: no number, which the field then says. */
  read(): string | null | undefined;
}

/** A field for an amount or an area. What cannot be read as one is refused here and never left out. */
export function decimalField({ say }: OfficeSpeech, label: string, value = "", attributes: Record<string, string | number | boolean> = {}): DecimalField {
  const field = textField(label, value, { inputmode: "decimal", ...attributes });
  const wrong = el("p", { class: "problem", id: `${field.input.id}-wrong`, role: "alert" });
  field.row.append(wrong);
  const show = (text: string): void => {
    wrong.textContent = text;
    field.input.toggleAttribute("aria-invalid", text !== "");
    if (text === "") field.input.removeAttribute("aria-describedby");
    else field.input.setAttribute("aria-describedby", wrong.id);
  };
  field.input.addEventListener("input", () => show(""));
  const read = (): string | null | undefined => {
    if (field.input.value.trim() === "") return null;
    const typed = decimalTyped(field.input.value);
    show(typed === null ? say("app_noNumber") : "");
    if (typed !== null) return typed;
    field.input.focus();
    return undefined;
  };
  return { ...field, read };
}

/** A form that sends one step; the line beside its button says whether it is saved. `plain`: what takes something away. */
export function stepForm(office: Office, button: string, parts: readonly (Node | false | null)[], send: () => Promise<Page> | null, { plain = false } = {}): HTMLElement {
  const { say } = office.speech;
  const state = el("span", { class: "saved", role: "status" });
  const submit = el("button", { type: "submit", class: plain ? "" : "primary" }, button);
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
      state.textContent = say("app_notSaved", { why: refusalText(error, office.speech) });
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
