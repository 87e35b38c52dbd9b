/** Alerts that are ticked, in the order of a list. */

export class Selection {
  private readonly ticked = new Set<number>();
  private last: number | null = null;

  constructor(private readonly order: readonly number[]) {}

  has(number: number): boolean {
    return this.ticked.has(number);
  }

  get numbers(): number[] {
    return this.order.filter((number) => this.ticked.has(number));
  }

  get state(): "none" | "some" | "all" {
    if (this.ticked.size === 0) return "none";
    return this.ticked.size === this.order.length ? "all" : "some";
  }

  /** Tick or untick one; with `range`, all from the one before to this one. Numbers that are not listed do nothing. */
  set(number: number, on: boolean, range = false): void {
    const at = this.order.indexOf(number);
    if (at < 0) return;
    const from = range && this.last !== null ? this.order.indexOf(this.last) : at;
    for (const each of this.order.slice(Math.min(from, at), Math.max(from, at) + 1)) this.mark(each, on);
    this.last = number;
  }

  setAll(on: boolean): void {
    for (const each of this.order) this.mark(each, on);
    this.last = null;
  }

  private mark(number: number, on: boolean): void {
    if (on) this.ticked.add(number);
    else this.ticked.delete(number);
  }
}
