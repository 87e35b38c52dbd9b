/** A new application: the farmer is found by number or name; one whom nobody finds is registered. */
import { el } from "../../dom";
import { Search, type SearchNames } from "../map/search";
import type { Draw, Office, Shown } from "../office";
import { numberOf, writePlace, type Place } from "../place";
import * as asking from "./asking";
import { choiceField, stepForm, textField } from "./fields";
import { STEPS, type Page } from "./steps";

const FARMERS: SearchNames = { id: "farmer", label: "app_findFarmer", hint: "app_findFarmerHint" };
const NUMBER = /\d/;

/** Who borrows: the party that the service is told, and how people call them. */
interface Borrower {
  readonly party: number;
  readonly called: string;
}

export async function begin(office: Office, place: Place, signal: AbortSignal): Promise<Draw> {
  const party = numberOf(place.query, "party");
  const [choices, contact] = await Promise.all([asking.choices(office, null, signal), party === null ? null : asking.contact(office, party, signal)]);
  const known = contact === null ? null : { party: contact.id, called: called(contact.name, contact.farmer_id ?? String(contact.id)) };
  return () => new Beginning(office, choices, known).shown();
}

const called = (name: string | null, number: string): string => [name, number].filter(Boolean).join(" · ");

class Beginning {
  private readonly chosen = el("p", { class: "chosen", role: "status", id: "farmer-chosen", tabindex: -1 });
  private readonly form = el("div", {});
  private readonly anew = el("section", { class: "card", hidden: true, id: "farmer-new" });

  constructor(
    private readonly office: Office,
    private readonly choices: asking.Choices,
    private borrower: Borrower | null,
  ) {}

  shown(): Shown {
    const { say } = this.office.speech;
    const gone = new AbortController();
    const look = (text: string, after: number, signal: AbortSignal): Promise<asking.Found> => asking.farmers(this.office, text, after, AbortSignal.any([signal, gone.signal]));
    const search = new Search(
      this.office.speech,
      look,
      (hit) => hit.party !== null && this.choose({ party: hit.party, called: called(hit.name, hit.key) }),
      (error) => this.office.fail(error),
      FARMERS,
      (text, any) => this.searched(text, any),
    );
    this.draw();
    const title = say("app_new");
    const element = el(
      "div",
      {},
      el("div", { class: "page-head" }, el("h1", { tabindex: -1 }, title)),
      el("section", { class: "card" }, el("h2", {}, say("app_who")), search.element, this.chosen, this.form),
      this.anew,
    );
    return { title, element, leave: () => gone.abort() };
  }

  private choose(borrower: Borrower): void {
    this.borrower = borrower;
    this.anew.hidden = true;
    this.draw();
    this.chosen.focus();
  }

  private draw(): void {
    const { say } = this.office.speech;
    const { borrower } = this;
    this.chosen.classList.toggle("note", borrower === null);
    this.chosen.replaceChildren(borrower === null ? say("app_nobodyChosen") : say("app_borrower", { who: borrower.called }));
    const policy = this.policies();
    this.form.replaceChildren(...(borrower === null ? [] : [stepForm(this.office, say("app_begin"), [policy.row], () => this.start(borrower.party, policy.input.value))]));
  }

  /** Nobody was found: who is not in the book is registered, with what was typed. */
  private searched(text: string, any: boolean): void {
    this.anew.hidden = any;
    this.anew.replaceChildren();
    if (any) return;
    const { say } = this.office.speech;
    const farmer = textField(say("app_farmer"), NUMBER.test(text) ? text : "", { required: true, maxlength: 128 });
    const name = textField(say("app_name"), NUMBER.test(text) ? "" : text, { required: true, maxlength: 128 });
    const phone = textField(say("app_phone"), "", { inputmode: "tel", maxlength: 64 });
    const policy = this.policies();
    const register = async (): Promise<Page> => {
      const body = { farmer_id: farmer.input.value.trim(), name: name.input.value.trim(), ...(phone.input.value.trim() && { phone: phone.input.value.trim() }) };
      const made = await this.office.client.change<{ party_id: number }>("POST", "/parties", body);
      return this.start(made.party_id, policy.input.value);
    };
    this.anew.replaceChildren(
      el("h2", {}, say("app_register")),
      el("p", { class: "note" }, say("app_registerNote")),
      stepForm(this.office, say("app_begin"), [farmer.row, name.row, phone.row, policy.row], register),
    );
  }

  private policies(): ReturnType<typeof choiceField> {
    const { say, pick } = this.office.speech;
    return choiceField(say("app_policy"), this.choices.policies.map((each) => [each.id, pick(each.title)] as const));
  }

  private async start(party: number, policy: string): Promise<Page> {
    const made = await this.office.client.change<{ number: string }>("POST", "/applications", { party_id: party, policy_id: policy });
    this.office.go(writePlace("applications", [made.number, STEPS[0] ?? ""]));
    return asking.page(this.office, made.number, new AbortController().signal);
  }
}
