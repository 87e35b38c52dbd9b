/** The room to draw in: a map on one side, on the other the way that somebody chose. */
import "./drawing.css";
import { el } from "../../dom";
import { added, chose, choseNext, draftOf, EMPTY, insertedAt, moved, redone, removed, undone, type Draft } from "../ground/draft";
import { boundsOf, type Position } from "../ground/geodesy";
import type { Office, Shown } from "../office";
import { Asking, type Layer, type Shape } from "./asking";
import { canDraw, GroundMap } from "./groundmap";
import { ImportPanel } from "./importpanel";
import { OutlinePanel, type Outlined } from "./outlinepanel";
import { WalkPanel } from "./walkpanel";
import { WAYS, wayAddress, type Way } from "./ways";

/** Pixels that an arrow key moves a corner by, and with Shift. */
const [STEP, STRIDE] = [2, 20];
const ARROWS: Readonly<Record<string, readonly [number, number]>> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** What is drawn outlasts another language and another way; it goes with the page. */
const outlines = new Map<string, Outlined>();

export function showDrawing(office: Office, layer: Layer, { way, redraws }: { way: Way; redraws: string | null }): Shown {
  const room = new DrawingRoom(office, layer, way, redraws);
  return { title: office.speech.say("drawing_title"), element: room.element, leave: () => room.leave() };
}

class DrawingRoom {
  readonly element = el("div", { class: "drawing-room" });
  private readonly gone = new AbortController();
  private readonly stage = el("div", { class: "drawing-map" });
  private readonly outlined: Outlined;
  private readonly asking: Asking;
  private readonly panel: OutlinePanel | WalkPanel | ImportPanel;
  private ground: GroundMap | null = null;

  constructor(
    private readonly office: Office,
    private readonly layer: Layer,
    private readonly way: Way,
    private readonly redraws: string | null,
  ) {
    const name = `${office.person.login} ${redraws ?? ""}`;
    this.outlined = outlines.get(name) ?? { draft: EMPTY, walked: null };
    outlines.set(name, this.outlined);
    this.asking = new Asking(office.client, this.gone.signal);
    this.panel = this.panelOf();
    this.build();
    void this.begin();
  }

  leave(): void {
    this.gone.abort();
    if (!(this.panel instanceof ImportPanel)) this.panel.leave();
    this.ground?.remove();
  }

  private panelOf(): OutlinePanel | WalkPanel | ImportPanel {
    const { office, asking, gone } = this;
    if (this.way === "walk") return new WalkPanel(office, { tracked: (track) => this.tracked(track), finished: (ring, accuracyM, fixes) => this.finished(ring, accuracyM, fixes) });
    if (this.way === "import") return new ImportPanel(office, asking, gone.signal, (before, after) => this.shapes(before, after));
    return new OutlinePanel(office, asking, this.outlined, this.redraws, gone.signal, (draft) => this.drawn(draft));
  }

  private build(): void {
    const { say } = this.office.speech;
    const title = this.redraws === null ? say("drawing_title") : say("drawing_redraws", { parcel: this.redraws });
    const ways = WAYS.map((way) => el("a", { href: wayAddress(way), ...(way === this.way && { "aria-current": "page" }) }, say(`drawing_${way}`)));
    const hint = this.way === "draw" && el("p", { class: "note drawing-keys", id: "drawing-keys" }, say(canDraw() ? "drawing_keys" : "drawing_noWebgl"));
    this.element.append(
      this.stage,
      el("div", { class: "drawing-side" }, el("h1", { tabindex: -1 }, title), el("nav", { class: "drawing-ways", "aria-label": say("drawing_ways") }, ...ways), hint, this.panel.element),
    );
    this.element.addEventListener("keydown", (event) => this.key(event), { capture: true });
  }

  private async begin(): Promise<void> {
    if (!canDraw()) {
      this.element.classList.add("without-map");
      return;
    }
    // The map needs its place on the page before it is drawn.
    await new Promise(requestAnimationFrame);
    if (this.gone.signal.aborted) return;
    try {
      await this.drawMap();
    } catch (error) {
      if (!this.gone.signal.aborted) this.office.fail(error);
    }
  }

  private async drawMap(): Promise<void> {
    const { say } = this.office.speech;
    const labels = { "Map.Title": say("drawing_mapLabel"), "NavigationControl.ZoomIn": say("drawing_zoomIn"), "NavigationControl.ZoomOut": say("drawing_zoomOut") };
    const edit = (change: (draft: Draft) => Draft): void => this.edit(change);
    this.ground = new GroundMap(this.stage, this.layer, labels, {
      tapped: (position) => edit((draft) => added(draft, position)),
      chosen: (at) => edit((draft) => chose(draft, at)),
      moved: (at, position) => edit((draft) => moved(draft, at, position)),
      inserted: (at, position) => edit((draft) => insertedAt(draft, at, position)),
    });
    await this.ground.ready();
    if (this.gone.signal.aborted) return;
    this.element.dataset["ready"] = "true";
    const { draft } = this.outlined;
    if (this.way === "draw") this.drawn(draft);
    const box = boundsOf(draft.corners);
    if (this.way === "draw" && box) this.ground.show(box);
    const imagery = await this.asking.imagery();
    if (!this.gone.signal.aborted) this.ground.drawImagery(imagery);
  }

  private edit(change: (draft: Draft) => Draft): void {
    if (this.panel instanceof OutlinePanel) this.panel.set(change(this.panel.draft));
  }

  private drawn(draft: Draft): void {
    this.ground?.drawDraft(draft.corners, draft.chosen);
    const at = draft.chosen === null ? undefined : draft.corners[draft.chosen];
    if (at) this.ground?.follow(at);
  }

  private tracked(track: readonly Position[]): void {
    this.ground?.drawTrack(track);
    const box = boundsOf(track);
    if (box && track.length > 0) this.ground?.show(box);
  }

  /** A closed walk is an outline like any other: its corners can be moved before it is registered. */
  private finished(ring: readonly Position[], accuracyM: number, fixes: number): void {
    outlines.set(`${this.office.person.login} `, { draft: draftOf(ring), walked: { accuracyM, fixes } });
    this.office.go(wayAddress("draw"));
  }

  private shapes(before: Shape | null, after: Shape | null): void {
    this.ground?.drawShapes(before, after);
    const positions = [before, after].flatMap((shape) => (shape === null ? [] : cornersOf(shape)));
    const box = boundsOf(positions);
    if (box) this.ground?.show(box);
  }

  private key(event: KeyboardEvent): void {
    if (!(this.panel instanceof OutlinePanel)) return;
    const typing = event.target instanceof HTMLInputElement;
    const letter = event.key.toLowerCase();
    if ((event.ctrlKey || event.metaKey) && !typing && (letter === "z" || letter === "y")) return this.act(event, (draft) => (letter === "y" || event.shiftKey ? redone(draft) : undone(draft)));
    if (event.target === this.stage.querySelector("canvas")) this.mapKey(event);
  }

  /** Keys on the map: with a corner chosen, arrows move it; without one they move the map, as ever. */
  private mapKey(event: KeyboardEvent): void {
    const { ground } = this;
    if (ground === null) return;
    const { chosen, corners } = this.outlined.draft;
    const here = chosen === null ? undefined : corners[chosen];
    const arrow = ARROWS[event.key];
    if (arrow && here && chosen !== null) {
      const by = event.shiftKey ? STRIDE : STEP;
      this.act(event, (draft) => moved(draft, chosen, ground.pushed(here, arrow[0] * by, arrow[1] * by)));
    } else if (event.key === "Enter") this.act(event, (draft) => added(draft, here ? ground.pushed(here, STRIDE, 0) : ground.centre()));
    else if (event.key === " ") this.act(event, (draft) => choseNext(draft, event.shiftKey ? -1 : 1));
    else if ((event.key === "Delete" || event.key === "Backspace") && chosen !== null) this.act(event, (draft) => removed(draft, chosen));
    else if (event.key === "Escape") this.act(event, (draft) => chose(draft, null));
  }

  private act(event: KeyboardEvent, change: (draft: Draft) => Draft): void {
    event.preventDefault();
    event.stopPropagation();
    this.edit(change);
  }
}

function cornersOf(shape: Shape): Position[] {
  const polygons = shape.type === "Polygon" ? [shape.coordinates] : shape.coordinates;
  return polygons.flatMap((rings) => rings.flatMap((ring) => ring.map(([lon, lat]): Position => [lon, lat])));
}
