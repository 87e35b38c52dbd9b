/** The frame around all pages: who is signed in, where they are, and what went wrong. */
import { ApiError } from "../api";
import { el } from "../dom";
import type { Language } from "../i18n";
import type { Person } from "./answers";
import type { Client } from "./client";
import { UnreachableError } from "./unreachable";
import { menu } from "./menu";
import type { Draw, Office, Room, Shown } from "./office";
import { readPlace, TODAY, writePlace, type Place } from "./place";
import { problemText } from "./problems";
import { roomFor, ROOMS } from "./rooms";
import { comeBack } from "./serviceway";
import { SignIn } from "./signin";
import { nobodySignedIn, personAway, senderOf } from "./visits/presence";
import type { OfficeKey, OfficeSpeech } from "./words";

export class Desk implements Office {
  private signedIn: Person | null = null;
  private place: Place = readPlace(location.hash);
  private draw: Draw | null = null;
  private shown: Shown | null = null;
  private asked = new AbortController();
  private why: OfficeKey | null = null;
  private absent = false;
  private readonly door: SignIn;
  private readonly said = el("p", { class: "said", role: "status" });
  private readonly alarm = el("div", { class: "failure", role: "alert", hidden: true });

  constructor(
    private readonly root: HTMLElement,
    readonly client: Client,
    readonly speech: OfficeSpeech,
  ) {
    this.door = new SignIn(client, speech, (person) => this.enter(person));
    client.onSignedOut = () => this.leave("sessionEnded");
    speech.onChange(() => this.redraw());
    window.addEventListener("hashchange", () => void this.visit(readPlace(location.hash)));
  }

  get person(): Person {
    if (this.signedIn === null) throw new Error("nobody is signed in");
    return this.signedIn;
  }

  async start(): Promise<void> {
    this.root.replaceChildren(el("p", { class: "waiting", role: "status" }, this.speech.say("loading")));
    try {
      const refused = comeBack();
      this.place = readPlace(location.hash);
      const person = await this.client.me();
      if (person) this.enter(person);
      else this.leave(refused);
    } catch (error) {
      await this.startAway(error);
    }
  }

  /** Without the service, who took the week's visits along comes to them; nothing else can be shown. */
  private async startAway(error: unknown): Promise<void> {
    const person = error instanceof UnreachableError ? await personAway() : null;
    if (person === null) return this.unreachable(error);
    if (readPlace(location.hash).room !== "visits") history.replaceState(null, "", writePlace("visits"));
    this.enter(person);
  }

  go(address: string): void {
    if (location.hash === address) void this.visit(readPlace(address));
    else location.hash = address;
  }

  reload(): void {
    void this.visit(this.place);
  }

  announce(text: string): void {
    this.said.textContent = text;
  }

  fail(error: unknown): void {
    const { say } = this.speech;
    const text = problemText(error, this.speech);
    const again = el("button", { type: "button", class: "link", onclick: () => this.reload() }, say("retry"));
    this.alarm.replaceChildren(el("strong", {}, say("failed")), ` ${text} `, again);
    this.alarm.hidden = false;
  }

  private enter(person: Person): void {
    this.signedIn = person;
    senderOf(this);
    this.why = null;
    this.draw = null;
    this.redraw();
    void this.visit(readPlace(location.hash));
  }

  private leave(why: OfficeKey | null): void {
    this.asked.abort();
    this.signedIn = null;
    void nobodySignedIn();
    this.draw = null;
    this.why = why;
    this.said.textContent = "";
    this.redraw();
  }

  private async signOut(): Promise<void> {
    try {
      await this.client.signOut();
      this.leave("signedOut");
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) this.leave("signedOut");
      else this.fail(error);
    }
  }

  /** Fetch and show a page. A slower earlier answer never overtakes a later one. */
  private async visit(place: Place): Promise<void> {
    if (this.signedIn === null) return;
    this.asked.abort();
    this.asked = new AbortController();
    const { signal } = this.asked;
    const moved = this.draw === null || this.where(place) !== this.where(this.place);
    this.place = place;
    this.alarm.hidden = true;
    this.absent = false;
    if (moved) this.said.textContent = "";
    try {
      const draw = await this.room(place).open(this, place, signal);
      if (signal.aborted) return;
      this.draw = draw;
      this.redraw();
      if (moved) this.arrive();
    } catch (error) {
      if (signal.aborted) return;
      if (moved) this.missing();
      this.fail(error);
    }
  }

  private room(place: Place): Room {
    return roomFor(place.room, this.person.role);
  }

  /** What makes it another page; a query changes only what it shows. */
  private where(place: Place): string {
    return writePlace(this.room(place).name, place.path);
  }

  /** A page that did not come leaves nothing of the one before, which would seem to be it. */
  private missing(): void {
    this.draw = null;
    this.absent = true;
    this.redraw();
  }

  /** Bring a new page's start into view and tell screen readers its title. */
  private arrive(): void {
    window.scrollTo(0, 0);
    this.root.querySelector<HTMLElement>("main h1")?.focus({ preventScroll: true });
  }

  private redraw(): void {
    const { say } = this.speech;
    const focused = document.activeElement?.id;
    this.shown?.leave?.();
    this.shown = null;
    if (this.signedIn === null) {
      document.title = `${say("signIn")} · Acreline`;
      this.root.replaceChildren(el("header", { class: "top" }, brand(), this.languages()), this.door.draw(this.why));
      document.documentElement.dataset["ready"] = "true";
      refocus(focused);
      return;
    }
    this.shown = this.draw?.() ?? null;
    document.title = `${this.shown?.title ?? say(this.absent ? "failed" : "loading")} · Acreline`;
    const waiting = this.absent ? null : el("p", { class: "waiting", role: "status" }, say("loading"));
    const body = this.shown?.element ?? waiting;
    const main = el("main", { id: "content", class: this.room(this.place).name }, this.alarm, this.said, body);
    this.root.replaceChildren(this.skip(), this.top(this.signedIn), main);
    refocus(focused);
    if (this.shown) document.documentElement.dataset["ready"] = "true";
  }

  /** Jump over the head; not a link, since "#" holds the place. */
  private skip(): HTMLElement {
    const jump = (): void => this.root.querySelector<HTMLElement>("main h1")?.focus();
    return el("button", { type: "button", class: "skip", onclick: jump }, this.speech.say("skip"));
  }

  private top(person: Person): HTMLElement {
    const { say } = this.speech;
    const who = el(
      "div",
      { class: "who" },
      el("span", { class: "who-name" }, person.display_name),
      el("span", { class: "sub" }, `${say(`role_${person.role}`)} · ${person.unit.name}`),
    );
    const out = el("button", { type: "button", id: "sign-out", class: "link", onclick: () => void this.signOut() }, say("signOut"));
    const pages = menu(ROOMS, this.room(this.place), person.role, this.speech);
    const simulated = person.simulated && el("span", { class: "badge" }, say("simulated"));
    return el("header", { class: "top" }, brand(), simulated, pages, who, out, this.languages());
  }

  private languages(): HTMLElement {
    const choice = (language: Language, name: string, full: string, tag: string): HTMLElement =>
      el(
        "button",
        {
          type: "button",
          id: `language-${language}`,
          lang: tag,
          "aria-label": `${name} ${full}`,
          "aria-pressed": String(this.speech.language === language),
          onclick: () => this.speech.speak(language),
        },
        name,
      );
    const choices = [choice("en", "EN", "English", "en"), choice("zh", "中文", "简体", "zh-CN")];
    return el("div", { class: "languages", role: "group", "aria-label": this.speech.say("language") }, ...choices);
  }

  private unreachable(error: unknown): void {
    const { say } = this.speech;
    const text = problemText(error, this.speech);
    const again = el("button", { type: "button", onclick: () => void this.start() }, say("retry"));
    this.root.replaceChildren(el("div", { class: "waiting", role: "alert" }, el("strong", {}, say("failed")), el("p", {}, text), again));
  }
}

function brand(): HTMLElement {
  return el("a", { class: "brand-name", href: TODAY }, "Acreline");
}

/** Back to where the keyboard was, where that still is. */
function refocus(id: string | undefined): void {
  if (id) document.getElementById(id)?.focus({ preventScroll: true });
}
