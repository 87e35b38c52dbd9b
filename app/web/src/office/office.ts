/** What every page of the office is given. */
import type { Client } from "./client";
import type { Person } from "./answers";
import type { Place } from "./place";
import type { OfficeSpeech } from "./words";

export interface Office {
  readonly client: Client;
  readonly speech: OfficeSpeech;
  readonly person: Person;
  go(place: Place): void;
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
