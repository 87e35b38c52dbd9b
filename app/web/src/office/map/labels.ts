/** Words for classes, crops, statuses and levels, as legend, list and card show them. */
import { formatNumber } from "../../format";
import type { OfficeSpeech } from "../words";
import type { Keys } from "./asking";
import type { Class, Meaning, Named } from "./classes";
import { STATUSES } from "./view";

export class Labels {
  constructor(
    private readonly speech: OfficeSpeech,
    private readonly keys: Keys,
    private readonly statuses: readonly Named[],
  ) {}

  crop(key: string): string {
    const crop = this.keys.crops.find((each) => each.key === key);
    return crop ? this.speech.pick(crop) : key;
  }

  cropOf(byte: number): string | null {
    const crop = this.keys.crops.find((each) => each.value === byte);
    return crop ? this.speech.pick(crop) : null;
  }

  /** Status of a byte where it is not that of a decided parcel. */
  undecided(byte: number): string | null {
    const key = this.statuses.find((each) => each.value === byte)?.key;
    const status = STATUSES.find((each) => each === key);
    return status === undefined || status === "OK" ? null : this.speech.say(status);
  }

  class({ fact, meaning }: Class): string {
    const { say } = this.speech;
    if (meaning.kind === "unknown") return say(fact === "alert" ? "map_notWatched" : fact === "limit" ? "map_noProposal" : "map_notKnown");
    if (meaning.kind === "crop") return this.crop(meaning.crop);
    if (meaning.kind === "status") return say(meaning.status);
    if (meaning.kind === "level") return meaning.level === null ? say("map_noAlert") : say(`level_${meaning.level}`);
    if (meaning.kind === "newLimit") return say("map_newLimit");
    return meaning.kind === "span" ? say("map_span", { from: meaning.from, to: meaning.to }) : this.change(meaning);
  }

  /** Change of a limit in percent, as a byte of its column has it. */
  changeOf(byte: number): string | null {
    if (byte === 254) return this.speech.say("map_newLimit");
    return byte > 200 ? null : `${this.speech.say("map_limit")} ${this.signed(byte - 100)} %`;
  }

  private change({ from, to }: Extract<Meaning, { kind: "limit" }>): string {
    const { say } = this.speech;
    if (from === null) return say("map_lowest", { to: this.signed(to ?? 0) });
    if (to === null) return say("map_highest", { from: this.signed(from) });
    return from === to ? say("map_same") : say("map_percent", { from: this.signed(from), to: this.signed(to) });
  }

  private signed(percent: number): string {
    const size = formatNumber(Math.abs(percent), this.speech.language);
    return percent === 0 ? size : `${percent < 0 ? "\u2212" : "+"}${size}`;
  }
}
