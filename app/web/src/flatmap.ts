/** A map that lies flat with north up: MapLibre without turning or tilting, with buttons to zoom and a scale. */
import { Map as MapLibre, NavigationControl, ScaleControl, setWorkerUrl, type ControlPosition, type MapOptions } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import "maplibre-gl/dist/maplibre-gl.css";

export type FlatOptions = MapOptions & { readonly locale: Record<string, string> };

export function flatMap(options: FlatOptions, buttons: ControlPosition = "top-right", scalePx = 110): MapLibre {
  setWorkerUrl(new URL(workerUrl, location.href).href);
  const map = new MapLibre({ attributionControl: false, dragRotate: false, pitchWithRotate: false, touchPitch: false, ...options });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), buttons);
  map.addControl(new ScaleControl({ maxWidth: scalePx, unit: "metric" }), "bottom-left");
  return map;
}
