/** One parcel: its status, its limit with the receipt, its crop and its curve. */
import type { Cycle, LegendEntry, Limit, Parcel, Run, Series } from "./api";
import { drawChart } from "./chart";
import { comparison } from "./compare";
import { clearOnly, observations, type Observation } from "./curve";
import { el, svg } from "./dom";
import { areaIn, formatArea, formatDay, formatEffect, formatMoney, formatNumber, formatShare, formatSpan, sumDecimals, type AreaUnit } from "./format";
import type { Speech } from "./i18n";
import { swatch } from "./legend";
import { STATUS_STYLES } from "./palette";

const VISIT_ICON = ["M8 1.5a4.7 4.7 0 0 0-4.7 4.7C3.3 9.7 8 14.5 8 14.5s4.7-4.8 4.7-8.3A4.7 4.7 0 0 0 8 1.5Z", "M8 4v2.8M8 8.6v.2"];
const BACK_ICON = ["M10 3 5 8l5 5"];

export interface Shown {
  parcel: Parcel;
  series: Series;
}

export class ParcelPanel {
  private takeDown: () => void = () => undefined;

  constructor(
    private readonly host: HTMLElement,
    private readonly run: Run,
    private readonly speech: Speech,
    private readonly close: () => void,
  ) {}

  show({ parcel, series }: Shown): void {
    this.clear();
    const rows = observations(series);
    const chart = el("div", { class: "chart" });
    const read = el("p", { class: "readout" }, this.speech.say("readoutHint"));
    this.host.replaceChildren(
      this.heading(parcel),
      this.status(parcel),
      this.crop(parcel),
      this.limit(parcel),
      this.curve(parcel, rows, chart, read),
      this.origin(parcel),
    );
    if (rows.length === 0) return;
    const season: [string, string] = [this.run.season_start, this.run.season_end];
    this.takeDown = drawChart(chart, rows, parcel.cycles, season, this.speech, (text) => read.replaceChildren(text));
  }

  clear(): void {
    this.takeDown();
    this.takeDown = () => undefined;
    this.host.replaceChildren();
  }

  private heading(parcel: Parcel): HTMLElement {
    const { say } = this.speech;
    const farmer = parcel.farmer_id === null ? say("noFarmer") : say("farmer", { id: parcel.farmer_id });
    return el(
      "header",
      { class: "parcel-head" },
      el("button", { type: "button", class: "link", onclick: this.close, "aria-label": say("close") }, svg(BACK_ICON), say("back")),
      el("h2", { id: "parcel-title", tabindex: -1 }, el("span", { class: "kicker" }, say("parcel")), ` ${parcel.parcel_id}`),
      el("p", { class: "sub areas" }, el("span", {}, farmer), ...this.areas(parcel)),
      parcel.bounds === null && el("p", { class: "note" }, say("noOutline")),
    );
  }

  private areas(parcel: Parcel): HTMLElement[] {
    const units: AreaUnit[] = this.run.area_unit === "acre" ? ["acre", "ha", "mu"] : this.run.area_unit === "mu" ? ["mu", "ha"] : ["ha", "mu"];
    return units.map((unit) => el("span", {}, `${formatArea(parcel.area[unit], this.speech.language)} ${this.speech.say(unit)}`));
  }

  private status(parcel: Parcel): HTMLElement {
    const { say } = this.speech;
    return el(
      "section",
      { class: "status", "aria-label": say("statusTitle"), "data-status": parcel.status },
      swatch(STATUS_STYLES[parcel.status]),
      el("div", {}, el("strong", {}, say(parcel.status)), el("p", {}, say(`${parcel.status}_why`))),
    );
  }

  private limit(parcel: Parcel): HTMLElement {
    const { say } = this.speech;
    const section = el("section", { class: "limit" }, el("h3", {}, say("limit")));
    if (parcel.limit === null) section.append(el("p", { class: "note" }, say("noLimitRow")));
    else section.append(...this.amount(parcel, parcel.limit), this.receipt(parcel.limit));
    return section;
  }

  private amount(parcel: Parcel, limit: Limit): HTMLElement[] {
    const { say, language } = this.speech;
    const shown = limit.amount ? formatMoney(limit.amount, language) : say("limitNone");
    const parts = [el("p", { class: limit.amount ? "amount" : "amount none" }, shown)];
    const about = [this.range(limit), this.perUnit(parcel, limit)].filter((text) => text !== null);
    if (about.length) parts.push(el("p", { class: "sub areas" }, ...about.map((text) => el("span", {}, text))));
    if (limit.needs_visit)
      parts.push(el("p", { class: "visit" }, svg(VISIT_ICON), el("span", {}, el("strong", {}, say("visit")), ` ${say("visitHint")}`)));
    return parts;
  }

  private range({ low, high }: Limit): string | null {
    if (!low || !high || low.amount === high.amount) return null;
    const { language } = this.speech;
    return this.speech.say("range", { low: formatMoney(low, language), high: formatMoney(high, language) });
  }

  private perUnit(parcel: Parcel, limit: Limit): string | null {
    const unit = this.run.area_unit as AreaUnit;
    const area = areaIn(parcel.area.ha, unit);
    if (!limit.amount || area <= 0) return null;
    const money = { amount: (Number(limit.amount.amount) / area).toFixed(0), currency: limit.currency };
    return this.speech.say("perUnit", { unit: this.speech.say(unit), money: formatMoney(money, this.speech.language) });
  }

  private receipt(limit: Limit): HTMLElement {
    const { say, language } = this.speech;
    const lines = limit.reasons.map((line) =>
      el(
        "tr",
        { "data-code": line.code },
        el("th", { scope: "row" }, this.speech.pick(line)),
        el("td", {}, Number(line.effect) === 0 ? "" : formatEffect(line.effect, limit.currency, language)),
      ),
    );
    const total = sumDecimals(limit.reasons.map((line) => line.effect));
    const foot = limit.amount && el("tfoot", {}, el("tr", {}, el("th", { scope: "row" }, say("total")), el("td", {}, formatMoney({ amount: total, currency: limit.currency }, language, { cents: true }))));
    const title = say(limit.amount ? "reasons" : "reasonsNone");
    return el(
      "div",
      {},
      !limit.adds_up && el("p", { class: "alarm", role: "alert" }, say("broken")),
      el("table", { class: "receipt" }, el("caption", {}, title), el("tbody", {}, ...lines), foot),
    );
  }

  private crop(parcel: Parcel): HTMLElement {
    const { say, language } = this.speech;
    const facts = el("dl", { class: "facts" });
    const fact = (term: string, ...value: (Node | string)[]): void => facts.append(el("dt", {}, term), el("dd", {}, ...value));
    fact(say("observed"), ...this.named(parcel.crop, parcel.crop_prob));
    if (parcel.crop_set.length > 1) fact(say("cropSet"), parcel.crop_set.map((key) => this.cropName(key)).join(language === "zh" ? "、" : ", "));
    fact(say("declared"), ...this.declared(parcel));
    return el("section", {}, el("h3", { class: "unseen" }, say("crop")), facts);
  }

  /** What the curve amounts to. */
  private season(parcel: Parcel): HTMLElement {
    const { say, language } = this.speech;
    const facts = el("dl", { class: "facts" });
    const fact = (term: string, value: Node | string): void => facts.append(el("dt", {}, term), el("dd", {}, value));
    if (parcel.vigour_pct !== null) fact(say("vigour"), this.meter(parcel.vigour_pct));
    for (const cycle of parcel.cycles) if (cycle.sos && cycle.eos) fact(this.cycleName(parcel, cycle), this.span(cycle));
    if (parcel.ndvi_peak !== null) fact(say("peakNdvi"), formatNumber(parcel.ndvi_peak, language, 2));
    fact(say("clearDates"), formatNumber(parcel.clear_dates, language));
    return facts;
  }

  private origin(parcel: Parcel): HTMLElement {
    const { say } = this.speech;
    const parts = [say("geometry", { version: parcel.geometry_version }), `${say("run")} ${this.run.run_id}`];
    if (parcel.limit) parts.unshift(`${say("policy")} ${parcel.limit.policy_id} (${parcel.limit.policy_hash.slice(0, 12)})`);
    return el("p", { class: "footnote" }, parts.join(" · "));
  }

  private cycleName(parcel: Parcel, cycle: Cycle): string {
    return parcel.cycles.length > 1 ? this.speech.say("cycle", { n: cycle.cycle }) : this.speech.say("growing");
  }

  private span(cycle: Cycle): string {
    const { language } = this.speech;
    const crop = cycle.crop === null ? "" : `${this.cropName(cycle.crop)}${language === "zh" ? "，" : ", "}`;
    return crop + formatSpan(cycle.sos ?? "", cycle.eos ?? "", language);
  }

  private named(key: string | null, probability: number | null): (Node | string)[] {
    if (key === null) return [this.speech.say("noCrop")];
    const dot = swatch({ colour: this.entry(key)?.colour ?? "#999999", pattern: "none" });
    const likely = probability === null ? "" : this.speech.say("probability", { share: formatShare(probability, this.speech.language) });
    return [dot, el("strong", {}, this.cropName(key)), " ", el("span", { class: "sub" }, likely)];
  }

  private declared(parcel: Parcel): (Node | string)[] {
    if (parcel.declared_crop === null) return [this.speech.say("notDeclared")];
    const verdict = comparison(parcel);
    const name = this.cropName(parcel.declared_crop);
    return verdict ? [name, " ", el("span", { class: `tag ${verdict}` }, this.speech.say(verdict))] : [name];
  }

  private meter(value: number): HTMLElement {
    const written = formatNumber(value, this.speech.language);
    return el("span", { class: "meter-row" }, el("meter", { min: 0, max: 100, value, "aria-label": this.speech.say("vigour") }), this.speech.say("vigourOf", { n: written }));
  }

  private curve(parcel: Parcel, rows: Observation[], chart: HTMLElement, read: HTMLElement): HTMLElement {
    const { say } = this.speech;
    const section = el("section", {}, el("h3", {}, say("curve")));
    if (rows.length === 0) {
      section.append(el("p", { class: "note" }, say("curveEmpty")), this.season(parcel));
      return section;
    }
    chart.setAttribute("role", "img");
    chart.setAttribute("aria-label", this.curveLabel(parcel, rows));
    const key = el("p", { class: "chart-key" }, el("span", { class: "k-clear" }, say("curveClear")), el("span", { class: "k-faint" }, say("curveFaint")), el("span", { class: "k-cloud" }, say("curveCloudy")));
    section.append(read, chart, key, this.season(parcel), this.figures(rows));
    return section;
  }

  private curveLabel(parcel: Parcel, rows: Observation[]): string {
    const clear = clearOnly(rows);
    const best = clear.reduce<(typeof clear)[number] | null>((top, row) => (top === null || row.ndvi > top.ndvi ? row : top), null);
    if (best === null) return this.speech.say("curveEmpty");
    const { language } = this.speech;
    return this.speech.say("curveLabel", { id: parcel.parcel_id, n: clear.length, value: formatNumber(best.ndvi, language, 2), day: formatDay(best.day, language) });
  }

  private figures(rows: Observation[]): HTMLElement {
    const { say, language } = this.speech;
    const seen = rows.filter((row) => row.ndvi !== null);
    const lines = seen.map((row) => el("tr", {}, el("th", { scope: "row" }, formatDay(row.day, language)), el("td", {}, formatNumber(row.ndvi ?? 0, language, 3)), el("td", {}, formatShare(row.clear, language))));
    const head = el("tr", {}, el("th", { scope: "col" }, say("date")), el("th", { scope: "col" }, "NDVI"), el("th", { scope: "col" }, say("clear")));
    return el("details", {}, el("summary", {}, say("figures")), el("table", { class: "figures" }, el("thead", {}, head), el("tbody", {}, ...lines)));
  }

  private entry(key: string): LegendEntry | undefined {
    return this.run.legend.find((entry) => entry.key === key);
  }

  private cropName(key: string): string {
    const entry = this.entry(key);
    return entry ? this.speech.pick(entry) : key;
  }
}
