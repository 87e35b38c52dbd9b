/** The photo of a visit in its form: taken, taken again, left out. */
import { el } from "../../dom";
import { formatNumber } from "../../format";
import type { OfficeSpeech } from "../words";
import { pictureOf } from "./photo";
import type { Filled } from "./said";

export class PhotoField {
  readonly element = el("div", { class: "visit-photo" });
  private shown: string | null = null;

  constructor(
    private readonly filled: Filled,
    private readonly speech: OfficeSpeech,
    /** Told why a file is no picture; null: it is one. */
    private readonly refuse: (text: string | null) => void,
  ) {}

  show(): void {
    const { say, language } = this.speech;
    this.leave();
    const { photo } = this.filled;
    const file = el("input", { id: "visit-photo", type: "file", accept: "image/*", capture: "environment", class: "unseen" });
    file.addEventListener("change", () => void this.taken(file.files?.[0]));
    const label = el("label", { for: "visit-photo", class: "visit-button" }, say(photo ? "visits_photoOther" : "visits_photoTake"));
    if (photo === null) return this.element.replaceChildren(file, label);
    this.shown = URL.createObjectURL(photo.blob);
    const size = { w: String(photo.width), h: String(photo.height), size: formatNumber(photo.blob.size / 1024, language) };
    this.element.replaceChildren(
      el("figure", {}, el("img", { src: this.shown, alt: say("visits_photo"), class: "visit-picture" }), el("figcaption", {}, say("visits_photoKept", size))),
      file,
      label,
      el("button", { type: "button", class: "link", onclick: () => this.remove() }, say("visits_photoRemove")),
    );
  }

  leave(): void {
    if (this.shown) URL.revokeObjectURL(this.shown);
    this.shown = null;
  }

  private remove(): void {
    this.filled.photo = null;
    this.show();
  }

  private async taken(file: File | undefined): Promise<void> {
    if (file === undefined) return;
    try {
      this.filled.photo = await pictureOf(file);
      this.refuse(null);
    } catch {
      this.refuse(this.speech.say("visits_photoWrong")); // whatever it was, it is no picture
    }
    this.show();
  }
}
