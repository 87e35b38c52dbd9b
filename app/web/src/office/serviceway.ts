/** The way through the bank's own sign-in service: the page is left for it, and come back to. */
import type { OfficeKey } from "./words";

const PLACE = "acreline-place";

/** What the page says of a refusal by the way back (app/api/access/oidc/routes.py). */
export const REFUSALS: Readonly<Record<string, OfficeKey>> = {
  OIDC_REFUSED: "oidcRefused",
  OIDC_STALE: "oidcStale",
  OIDC_NOT_LINKED: "oidcUnlinked",
  OIDC_TOKEN: "oidcToken",
  OIDC_DOWN: "oidcDown",
  OIDC_DISCOVERY: "oidcDown",
  OIDC_ADDRESS: "oidcDown",
  OIDC_NOT_SET: "oidcDown",
};

/** Word of the refusal that an address names; null where it names none that is known. */
export function refusalOf(search: string): OfficeKey | null {
  const code = new URLSearchParams(search).get("refused") ?? "";
  return Object.hasOwn(REFUSALS, code) ? (REFUSALS[code] ?? null) : null;
}

/** The address without the refusal: loaded again, the page says it no more. */
export function withoutRefusal(search: string): string {
  const asked = new URLSearchParams(search);
  asked.delete("refused");
  return asked.size > 0 ? `?${asked.toString()}` : "";
}

/** Leave for the service; the place within the office is kept in this tab, and in no address. */
export function leaveFor(address: string): void {
  sessionStorage.setItem(PLACE, location.hash);
  location.assign(address);
}

/** Back at the page: where one wanted to go, and why one did not come in. */
export function comeBack(): OfficeKey | null {
  const why = refusalOf(location.search);
  const place = sessionStorage.getItem(PLACE) ?? "";
  const hash = location.hash || (place.startsWith("#/") ? place : "");
  if (why !== null || hash !== location.hash) history.replaceState(null, "", `/${withoutRefusal(location.search)}${hash}`);
  if (why === null) sessionStorage.removeItem(PLACE);
  return why;
}
