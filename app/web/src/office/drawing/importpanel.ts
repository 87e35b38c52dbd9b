/** A file of parcels: sent, read by a worker, looked at row by row with what would be mended, then registered. */
import { el } from "../../dom";
import { formatArea, formatNumber, formatShare } from "../../format";
import type { Office } from "../office";
import { areaLine } from "./areas";
import type { Asking, Datum, Format, ImportRow, ImportShown, Shape } from "./asking";
import { follow } from "../jobs/jobline";
import { overlapList } from "./overlaps";

const FORMATS: readonly Format[] = ["geopackage", "shapefile_zip", "geojson", "geoparquet"];
const DATUMS: readonly Datum[] = ["as_stated", "gcj02", "bd09"];
const BY_ENDING: Readonly<Record<string, Format>> = { gpkg: "geopackage", zip: "shapefile_zip", geojson: "geojson", json: "geojson", parquet: "geoparquet", geoparquet: "geoparquet" };
type Preview = NonNullable<ImportShown["preview"]>;

/** What a file is by the end of its name; the service looks at its first bytes. */
export function formatOf(name: string): Format | null {
  return BY_ENDING[name.toLowerCase().split(".").at(-1) ?? ""] ?? null;
}

export class ImportPanel {
  readonly element = el("div", { class: "drawing-panel" });
  private readonly host = el("div", {});
  private readonly problem = el("p", { class: "problem", role: "alert", hidden: true });

  constructor(
    private readonly office: Office,
    private readonly asking: Asking,
    private readonly signal: AbortSignal,
    private readonly showShapes: (before: Shape | null, after: Shape | null) => void,
  ) {
    this.element.append(this.form(), this.problem, this.host);
  }

  private form(): HTMLElement {
    const { say } = this.office.speech;
    const file = el("input", { type: "file", id: "import-file", accept: ".gpkg,.zip,.geojson,.json,.parquet" });
    const format = choice("import-format", FORMATS.map((each) => [each, say(`drawing_format_${each}`)]));
    const datum = choice("import-datum", [["", say("drawing_datumChoose")], ...DATUMS.map((each): [string, string] => [each, say(`drawing_datum_${each}`)])]);
    const crs = el("input", { type: "text", id: "import-crs", autocomplete: "off" });
    const column = el("input", { type: "text", id: "import-column", autocomplete: "off" });
    const button = el("button", { type: "submit", class: "primary", id: "import-send" }, say("drawing_upload"));
    file.addEventListener("change", () => (format.value = formatOf(file.files?.[0]?.name ?? "") ?? format.value));
    const named = (id: string, name: string, field: HTMLElement): HTMLElement[] => [el("label", { for: id }, name), field];
    const form = el(
      "form",
      { class: "card drawing-import", novalidate: true },
      ...named("import-file", say("drawing_file"), file),
      ...named("import-format", say("drawing_format"), format),
      ...named("import-datum", say("drawing_datum"), datum),
      ...named("import-crs", say("drawing_crs"), crs),
      ...named("import-column", say("drawing_idColumn"), column),
      button,
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const chosen = file.files?.[0];
      if (chosen === undefined || datum.value === "") return this.refuse(say("drawing_uploadNeeds"));
      const asked = { file: chosen, format: format.value as Format, datum: datum.value as Datum, crs: crs.value.trim(), idColumn: column.value.trim() };
      button.disabled = true;
      void this.trying(() => this.send(asked)).finally(() => (button.disabled = false));
    });
    return form;
  }

  private async send(asked: Parameters<Asking["send"]>[0]): Promise<void> {
    const { speech } = this.office;
    const { say, language } = speech;
    const said = el("p", { role: "status" });
    const bar = el("progress", { max: 1, value: 0, "aria-label": say("drawing_upload") });
    this.showShapes(null, null);
    this.host.replaceChildren(el("section", { class: "card" }, said, bar));
    const { number } = await this.asking.send(asked, (share) => {
      bar.value = share;
      said.textContent = say("drawing_uploading", { share: formatShare(share, language) });
    });
    const reading = el("section", { class: "card" });
    this.host.replaceChildren(reading);
    const shown = await follow(reading, say("drawing_reading"), () => this.asking.import(number), speech, this.signal);
    if (shown.preview) this.host.replaceChildren(this.preview(number, shown.preview));
  }

  private preview(number: number, preview: Preview): HTMLElement {
    const { speech } = this.office;
    const { say, language } = speech;
    const n = (value: number): string => formatNumber(value, language);
    const counts: [string, string][] = [
      [say("drawing_rows"), n(preview.rows)],
      [say("drawing_usable"), n(preview.usable)],
      [say("drawing_withoutOutline"), n(preview.without_outline)],
      [say("drawing_twins"), n(preview.twins)],
      [say("drawing_overlapping"), n(preview.overlapping)],
      [say("drawing_known"), n(preview.known)],
      [say("drawing_system"), `${preview.reference_system} · ${preview.datum}`],
    ];
    if (preview.stated_ha !== null && preview.measured_of_stated_ha !== null)
      counts.push([say("drawing_stated"), say("drawing_measuredOf", { measured: formatArea(preview.measured_of_stated_ha, language), stated: formatArea(preview.stated_ha, language) })]);
    const repairs = preview.repairs.map((each) => el("li", {}, `${each.what}: ${n(each.rows)}`));
    return el(
      "section",
      { class: "card", id: "import-preview" },
      el("h2", {}, say("drawing_preview")),
      areaLine(preview.area.ha, say("drawing_areaCounts"), speech),
      el("dl", { class: "facts" }, ...counts.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)])),
      repairs.length > 0 && el("h3", {}, say("drawing_repairs")),
      repairs.length > 0 && el("ul", { class: "plain" }, ...repairs),
      el("ul", { class: "lines import-rows" }, ...preview.shown.map((row) => this.row(row))),
      this.confirming(number, preview),
    );
  }

  private row(row: ImportRow): HTMLElement {
    const { speech } = this.office;
    const { say, language } = speech;
    const name = [say("drawing_row", { n: formatNumber(row.row, language) }), row.parcel_id].filter((part) => part !== null).join(" · ");
    const notes = [...row.repairs, ...(row.twin_of === null ? [] : [say("drawing_twinOf", { n: formatNumber(row.twin_of, language) })])];
    const show = el("button", { type: "button", "aria-label": `${say("drawing_showRow")}: ${name}`, onclick: () => this.showShapes(row.before, row.after) }, say("drawing_showRow"));
    return el(
      "li",
      {},
      el(
        "span",
        { class: "line-body" },
        el("strong", {}, name),
        row.area && el("span", { class: "sub" }, `${formatArea(row.area.mu, language)} ${say("mu")} · ${formatArea(row.area.ha, language)} ${say("ha")}`),
        row.before !== null && el("span", { class: "import-mended" }, `${say("drawing_mended")}: ${say("drawing_before")} ┄ ${say("drawing_after")} ━`),
        ...notes.map((note) => el("span", { class: "sub" }, note)),
        row.overlaps.length > 0 && overlapList(row.overlaps, speech),
      ),
      row.after !== null && show,
    );
  }

  private confirming(number: number, preview: Preview): HTMLElement {
    const { say, language } = this.office.speech;
    const seen = el("input", { type: "checkbox", id: "import-seen" });
    const button = el("button", { type: "button", class: "primary", id: "import-confirm" }, say("drawing_confirm", { n: formatNumber(preview.usable, language) }));
    const ready = (): boolean => preview.usable > 0 && (preview.overlapping === 0 || seen.checked);
    button.disabled = !ready();
    seen.addEventListener("change", () => (button.disabled = !ready()));
    button.addEventListener("click", () => {
      button.disabled = true;
      void this.trying(() => this.confirm(number, seen.checked));
    });
    return el("div", { class: "drawing-register" }, preview.overlapping > 0 && el("label", { class: "tick" }, seen, say("drawing_seen")), button);
  }

  private async confirm(number: number, seen: boolean): Promise<void> {
    const { speech } = this.office;
    const { say, language } = speech;
    const { job } = await this.asking.confirm(number, seen);
    const [registering, reading] = [el("div", {}), el("div", {})];
    this.host.replaceChildren(el("section", { class: "card", id: "import-done" }, registering, reading));
    const done = await follow(registering, say("drawing_importJob"), () => this.asking.job(job), speech, this.signal);
    if (done.state !== "done") return;
    const { parcels, job: next } = done.answer ?? {};
    if (typeof parcels === "number") registering.append(el("p", {}, el("strong", {}, say("drawing_importDone", { n: formatNumber(parcels, language) }))));
    if (typeof next === "number") await follow(reading, say("drawing_job"), () => this.asking.job(next), speech, this.signal);
  }

  private async trying(act: () => Promise<void>): Promise<void> {
    this.problem.hidden = true;
    try {
      await act();
    } catch (error) {
      if (!this.signal.aborted) this.refuse(error instanceof Error ? error.message : String(error));
    }
  }

  private refuse(text: string): void {
    this.problem.textContent = text;
    this.problem.hidden = false;
  }
}

function choice(id: string, options: readonly (readonly [string, string])[]): HTMLSelectElement {
  return el("select", { id }, ...options.map(([value, name]) => el("option", { value }, name)));
}
