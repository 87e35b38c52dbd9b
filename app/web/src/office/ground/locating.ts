/** Positions of this device, as long as somebody asks for them. */
import type { Fix } from "./walk";

export type NoPosition = "denied" | "unavailable" | "timeout" | "noGeolocation";

const WHY: Readonly<Record<number, NoPosition>> = { 1: "denied", 2: "unavailable", 3: "timeout" };
const TIMEOUT_MS = 30_000;

/** Ask for positions until the answer is called. A position that is late says so once and is still waited for. */
export function watchPosition(found: (fix: Fix) => void, failed: (why: NoPosition) => void): () => void {
  if (!("geolocation" in navigator)) {
    failed("noGeolocation");
    return () => undefined;
  }
  const watch = navigator.geolocation.watchPosition(
    ({ coords, timestamp }) => found({ lon: coords.longitude, lat: coords.latitude, accuracy: coords.accuracy, at: timestamp }),
    ({ code }) => failed(WHY[code] ?? "unavailable"),
    { enableHighAccuracy: true, maximumAge: 0, timeout: TIMEOUT_MS },
  );
  return () => navigator.geolocation.clearWatch(watch);
}
