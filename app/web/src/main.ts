/** The page: fetch the run, draw the map, keep panel, address and language in step. */
import "./style.css";
import { fetchParcel, fetchRun, fetchSeries, fetchStates, type Run, type States } from "./api";
import { readView, writeView, type View } from "./address";
import { Controls } from "./controls";
import { el } from "./dom";
import { formatSpan, type AreaUnit } from "./format";
import { DICTIONARIES, initialLanguage, Speech, stored, type Language } from "./i18n";
import { ParcelMap } from "./map";
import { drawOverview } from "./overview";
import { ParcelPanel, type Shown } from "./panel";
import { Search } from "./search";

class Page {
  private readonly side = el("div", { class: "side-body" });
  private readonly head = el("header", { class: "brand" });
  private readonly tip = el("div", { class: "tip", hidden: true, "aria-hidden": "true" });
  private readonly alert = el("div", { class: "failure", role: "alert", hidden: true });
  private readonly credit = el("p", { class: "credit" });
  private readonly panel: ParcelPanel;
  private readonly search: Search;
  private readonly stage = el("div", { class: "map", id: "map" });
  private readonly map: ParcelMap;
  private readonly controls: Controls;
  private view: View = readView(location.hash);
  private shown: Shown | null = null;
  private asked = new AbortController();

  constructor(
    root: HTMLElement,
    private readonly run: Run,
    private readonly states: States,
    private readonly speech: Speech,
  ) {
    const unit = run.area_unit as AreaUnit;
    this.search = new Search(speech, unit, (id) => void this.open(id), (error) => this.fail(error));
    const main = el("main", { class: "stage" }, this.stage, this.tip, this.credit);
    root.replaceChildren(el("div", { class: "page" }, el("div", { class: "side" }, this.head, this.search.element, this.alert, this.side), main));
    this.map = new ParcelMap(this.stage, run, states, { select: (id) => void this.open(id), hover: (id, x, y) => this.hover(id, x, y) }, this.mapWords());
    this.controls = new Controls(run, states, speech, this.map, this.view.mode, (mode) => this.go({ ...this.view, mode }));
    main.append(this.controls.element);
    this.panel = new ParcelPanel(this.side, run, speech, () => void this.open(null));
    this.listen();
    this.redraw();
  }

  async start(): Promise<void> {
    await this.map.ready();
    this.map.colourBy(this.view.mode);
    if (this.view.parcel !== null) await this.open(this.view.parcel);
    document.documentElement.dataset["ready"] = "true";
  }

  private listen(): void {
    this.speech.onChange(() => this.redraw());
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.view.parcel !== null) void this.open(null);
    });
    window.addEventListener("hashchange", () => {
      const { parcel } = readView(location.hash);
      if (parcel !== this.view.parcel) void this.open(parcel);
    });
  }

  /** Show a parcel, or the overview for null. A slower earlier answer never overtakes a later one. */
  private async open(id: string | null): Promise<void> {
    this.asked.abort();
    this.asked = new AbortController();
    const { signal } = this.asked;
    this.alert.hidden = true;
    this.go({ ...this.view, parcel: id });
    if (id === null) return this.showOverview();
    this.map.select(id);
    try {
      const [parcel, series] = await Promise.all([fetchParcel(id, signal), fetchSeries(id, signal)]);
      this.shown = { parcel, series };
      this.map.select(id, parcel.bounds);
      this.redrawSide();
      this.side.scrollTop = 0;
      document.getElementById("parcel-title")?.focus({ preventScroll: true });
    } catch (error) {
      if (!signal.aborted) this.fail(error, () => void this.open(id));
    }
  }

  private showOverview(): void {
    this.shown = null;
    this.map.select(null);
    this.redrawSide();
  }

  private go(view: View): void {
    this.view = view;
    const hash = writeView(view);
    if (location.hash !== hash && !(hash === "#" && location.hash === "")) history.replaceState(null, "", hash);
  }

  private hover(id: string | null, x: number, y: number): void {
    this.tip.hidden = id === null;
    if (id === null) return;
    this.tip.replaceChildren(el("strong", {}, id), ` ${this.cropOf(id)}`);
    this.tip.style.transform = `translate(${x + 14}px, ${y + 14}px)`;
  }

  private cropOf(id: string): string {
    const position = this.states.crop[this.states.parcel_id.indexOf(id)] ?? null;
    const entry = this.run.legend.find(({ key }) => position !== null && key === this.states.crops[position]);
    return entry ? this.speech.pick(entry) : this.speech.say("noCrop");
  }

  private redraw(): void {
    document.title = `Acreline · ${this.speech.say("tagline")}`;
    this.stage.setAttribute("aria-label", this.speech.say("mapLabel"));
    const years = [...new Set([this.run.season_start, this.run.season_end].map((day) => day.slice(0, 4)))].join("\u2013");
    this.credit.replaceChildren(this.speech.say(this.run.simulated ? "attributionSimulated" : "attribution", { years }));
    this.head.replaceChildren(...this.brand());
    this.search.speak();
    this.controls.draw();
    this.redrawSide();
  }

  private redrawSide(): void {
    if (this.shown) this.panel.show(this.shown);
    else {
      this.panel.clear();
      this.side.replaceChildren(drawOverview(this.run, this.speech));
    }
    this.side.parentElement?.classList.toggle("has-parcel", this.shown !== null);
  }

  private brand(): HTMLElement[] {
    const { say, language } = this.speech;
    const season = formatSpan(this.run.season_start, this.run.season_end, language);
    return [
      el("div", { class: "brand-row" }, el("h1", {}, "Acreline"), this.run.simulated && el("span", { class: "badge", title: say("simulatedHint") }, say("simulated")), this.languages()),
      el("p", { class: "sub" }, season),
      el("p", { class: "sub" }, `${say("scenesUsed", { n: this.run.scenes })} · ${this.run.policy_id}`),
    ];
  }

  private languages(): HTMLElement {
    const choice = (language: Language, name: string, full: string, tag: string): HTMLElement =>
      el("button", { type: "button", lang: tag, "aria-label": full, "aria-pressed": String(this.speech.language === language), onclick: () => this.speech.speak(language) }, name);
    return el("div", { class: "languages", role: "group", "aria-label": this.speech.say("language") }, choice("en", "EN", "English", "en"), choice("zh", "中文", "中文", "zh-CN"));
  }

  private fail(error: unknown, again?: () => void): void {
    const { say } = this.speech;
    const text = error instanceof Error ? error.message : String(error);
    this.alert.replaceChildren(el("strong", {}, say("failed")), ` ${text} `, ...(again ? [el("button", { type: "button", class: "link", onclick: again }, say("retry"))] : []));
    this.alert.hidden = false;
  }

  private mapWords(): Record<string, string> {
    const { say } = this.speech;
    return { "Map.Title": say("mapLabel"), "NavigationControl.ZoomIn": say("zoomIn"), "NavigationControl.ZoomOut": say("zoomOut") };
  }
}

async function begin(root: HTMLElement): Promise<void> {
  const speech = new Speech(initialLanguage(location.search, stored(), navigator.language), DICTIONARIES);
  speech.speak(speech.language);
  root.replaceChildren(el("p", { class: "waiting", role: "status" }, speech.say("loading")));
  try {
    const run = await fetchRun();
    const states = await fetchStates(run.states_url);
    await new Page(root, run, states, speech).start();
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const again = el("button", { type: "button", onclick: () => void begin(root) }, speech.say("retry"));
    root.replaceChildren(el("div", { class: "waiting", role: "alert" }, el("strong", {}, speech.say("failed")), el("p", {}, text), again));
  }
}

const root = document.getElementById("app");
if (root) void begin(root);
