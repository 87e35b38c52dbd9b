/** The sign-in form. A password never leaves its field but with the request. */
import { ApiError } from "../api";
import { el } from "../dom";
import type { Person } from "./answers";
import type { Client } from "./client";
import { waitOf } from "./figures";
import { problemText } from "./problems";
import { leaveFor, REFUSALS } from "./serviceway";
import type { OfficeKey, OfficeSpeech } from "./words";

const isRefusal = (why: OfficeKey): boolean => Object.values(REFUSALS).includes(why);

export class SignIn {
  private login = "";
  private service: Promise<boolean> | null = null;

  constructor(
    private readonly client: Client,
    private readonly speech: OfficeSpeech,
    private readonly entered: (person: Person) => void,
  ) {}

  /** The form, with why it is shown where there is a reason. */
  draw(why: OfficeKey | null): HTMLElement {
    const { say } = this.speech;
    const login = this.field("login", "text", "username");
    const password = this.field("password", "password", "current-password");
    login.value = this.login;
    login.addEventListener("input", () => (this.login = login.value));
    const shown = el("input", { type: "checkbox", onchange: () => (password.type = shown.checked ? "text" : "password") });
    const problem = el("p", { class: "problem", id: "sign-in-problem", role: "alert", hidden: true });
    const button = el("button", { type: "submit", class: "primary" }, say("signIn"));
    const form = el(
      "form",
      { class: "sign-in", novalidate: true },
      el("h1", { tabindex: -1 }, say("signInTitle")),
      why !== null && el("p", { class: isRefusal(why) ? "problem" : "note", role: isRefusal(why) ? "alert" : "status" }, say(why)),
      el("label", { for: "login" }, say("login")),
      login,
      el("label", { for: "password" }, say("password")),
      password,
      el("label", { class: "tick" }, shown, say("showPassword")),
      problem,
      button,
    );
    void this.offerService(form, problem);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.submit(login, password, button, problem);
    });
    // Once the form stands in the page, unless the keyboard already is somewhere, as after a change of language.
    queueMicrotask(() => {
      if (document.activeElement === document.body) (login.value ? password : login).focus();
    });
    return el("main", { class: "door", id: "content" }, form);
  }

  /** The bank's own service, where it has one: below the form, since it may come after it. */
  private async offerService(form: HTMLElement, problem: HTMLElement): Promise<void> {
    const { say } = this.speech;
    this.service ??= this.client.hasService().catch(() => false);
    if (!(await this.service)) return;
    const button = el("button", { type: "button", id: "sign-in-service" }, say("signInService"));
    button.addEventListener("click", () => void this.go(button, problem));
    form.append(button);
  }

  private async go(button: HTMLButtonElement, problem: HTMLElement): Promise<void> {
    const { say } = this.speech;
    button.disabled = true;
    button.textContent = say("goingToService");
    try {
      leaveFor(await this.client.beginService());
    } catch (error) {
      button.disabled = false;
      button.textContent = say("signInService");
      this.refuse(problem, button, this.reason(error));
    }
  }

  private field(name: string, type: string, filled: string): HTMLInputElement {
    return el("input", {
      id: name,
      name,
      type,
      autocomplete: filled,
      autocapitalize: "none",
      spellcheck: "false",
      required: true,
      "aria-describedby": "sign-in-problem",
    });
  }

  private async submit(login: HTMLInputElement, password: HTMLInputElement, button: HTMLButtonElement, problem: HTMLElement): Promise<void> {
    const { say } = this.speech;
    const empty = !login.value.trim() ? login : !password.value ? password : null;
    if (empty) return this.refuse(problem, empty, say(empty === login ? "needLogin" : "needPassword"));
    button.disabled = true;
    button.textContent = say("signingIn");
    try {
      this.entered(await this.client.signIn(login.value.trim(), password.value));
    } catch (error) {
      password.value = "";
      this.refuse(problem, password, this.reason(error));
    } finally {
      button.disabled = false;
      button.textContent = say("signIn");
    }
  }

  private refuse(problem: HTMLElement, field: HTMLElement, text: string): void {
    problem.textContent = text;
    problem.hidden = false;
    field.focus();
  }

  private reason(error: unknown): string {
    const wait = error instanceof ApiError ? error.retryAfterS : null;
    if (wait === null) return problemText(error, this.speech);
    return `${this.speech.say("throttled")} ${this.speech.say("tryIn", { when: waitOf(wait, this.speech) })}`;
  }
}
