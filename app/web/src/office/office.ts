/** What every page of the office is given. */
import type { Client } from "./client";
import type { Person, Role } from "./answers";
import type { Place } from "./place";
import type { OfficeKey, OfficeSpeech } from "./words";

export interface Office {
  readonly client: Client;
  readonly speech: OfficeSpeech;
  readonly person: Person;
  /** Go to an address (see writePlace). */
  go(address: string): void;
  /** Ask for the page's answers again. */
  reload(): void;
  /** Say something to eyes and screen readers that stays over the next loading. */
  announce(text: string): void;
  fail(error: unknown): void;
}

/** A page as it stands on the screen; `leave` takes down what the page itself cannot. */
export interface Shown {
  title: string;
  element: HTMLElement;
  leave?: () => void;
}

/** Answers of a page are there: draw it, once for each language that is asked for. */
export type Draw = () => Shown;

/** A part of the office with addresses of its own: "#/name/…". */
export interface Room {
  readonly name: string;
  /** Its word in the head of all pages; none: it is reached from elsewhere. */
  readonly tab?: OfficeKey;
  /** Its word stands under "More" rather than beside the tabs. */
  readonly menu?: boolean;
  /** Who may enter; none: whoever is signed in. */
  readonly roles?: readonly Role[];
  /** Fetch what a place shows; what the service refuses is thrown on. */
  open(office: Office, place: Place, signal: AbortSignal): Promise<Draw>;
}

/** Everybody who lends; administrators keep people and see no farmer. */
export const LENDING: readonly Role[] = ["officer", "reviewer", "risk"];
