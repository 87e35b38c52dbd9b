/** Imagery of a map as somebody chooses it: the bar, the rasters, and the second map of a comparison. */
import type { Map as MapLibre } from "maplibre-gl";
import { el } from "../../dom";
import type { OfficeSpeech } from "../words";
import type { Imagery, Layer } from "./asking";
import { drawRasters, SecondMap, setRasterOpacity } from "./imagery";
import { PictureBar, strength, swipe, type Pictured } from "./picturebar";
import { SCHEME } from "./style";

export class Pictures {
  /** What stands over the map. */
  readonly elements: HTMLElement[];
  private readonly bar: PictureBar;
  private readonly besides = el("div", { class: "map-besides" });
  private second: SecondMap | null = null;
  private opacity = 1;

  constructor(
    private readonly speech: OfficeSpeech,
    private readonly map: MapLibre,
    imagery: Imagery,
    shown: Pictured,
    private readonly outlines: Layer["outlines"],
    changed: (shown: Pictured) => void,
  ) {
    this.bar = new PictureBar(speech, imagery, shown, (now) => {
      changed(now);
      this.draw();
    });
    const fade = strength("map-opacity", speech.say("map_pictureOpacity"), this.opacity, (share) => {
      this.opacity = share;
      setRasterOpacity(map, share);
    });
    const fold = el("details", { class: "map-bar", open: matchMedia("(min-width: 1200px)").matches }, el("summary", {}, speech.say("map_imagery")), this.bar.element, imagery.runs.length > 0 && fade);
    this.elements = [this.besides, fold];
    this.draw();
  }

  leave(): void {
    this.second?.remove();
    this.second = null;
  }

  private draw(): void {
    drawRasters(this.map, this.bar.rasters, this.opacity);
    const { besides } = this.bar;
    if (besides === null) {
      this.leave();
      this.besides.replaceChildren();
    } else void this.compare(besides);
    this.showParcels(besides === null);
  }

  private async compare(rasters: NonNullable<PictureBar["besides"]>): Promise<void> {
    if (this.second === null) {
      const { outlines } = this;
      const tiles = outlines && { url: `${SCHEME}://{z}/{x}/{y}`, sourceLayer: outlines.layer, minzoom: outlines.min_zoom, maxzoom: outlines.max_zoom };
      this.second = new SecondMap(this.map, this.besides, tiles);
      this.besides.append(swipe(this.speech.say("map_swipe"), (share) => this.second?.setBorder(share)));
    }
    await this.second.draw(rasters);
  }

  /** Two days are compared by what was seen: colours of parcels would cover it on one side. */
  private showParcels(shown: boolean): void {
    for (const id of ["fill", "cells"]) {
      if (this.map.getLayer(id)) this.map.setLayoutProperty(id, "visibility", shown ? "visible" : "none");
    }
  }
}
