/** The steps of an application, and what each still lacks. */
import type { components } from "../schema";

export type Page = components["schemas"]["ApplicationPage"];
export type Lack = Page["lacks"][number];
export type Plan = Page["plots"][number];
export type Step = "person" | "papers" | "plots" | "asked" | "limit" | "onward";

export const STEPS: readonly Step[] = ["person", "papers", "plots", "asked", "limit", "onward"];

const LACKS_OF: Readonly<Record<Step, readonly Lack[]>> = {
  person: ["farmer_number", "processing_consent", "bureau_consent", "bureau_report"],
  papers: ["identity_paper"],
  plots: ["plots", "land_rights"],
  asked: ["amount", "season"],
  limit: [],
  onward: [],
};

/** What a step still lacks. */
export function lacksOf(step: Step, lacks: readonly Lack[]): Lack[] {
  return LACKS_OF[step].filter((lack) => lacks.includes(lack));
}

/** Whether the person who looks may change it now. */
export const editable = (page: Page): boolean => page.may.includes("change");

/** The first step that lacks something; the last one where nothing does. */
export function firstStep(lacks: readonly Lack[]): Step {
  return STEPS.find((step) => lacksOf(step, lacks).length > 0) ?? "onward";
}

/** Step of an address; the first one that lacks something for a name that is none. */
export function stepNamed(name: string | undefined, lacks: readonly Lack[]): Step {
  return STEPS.find((step) => step === name) ?? firstStep(lacks);
}

/** A decimal string as the service takes it ("12,000.50" and "12 000,50 " are typed); null: it is none. */
export function decimalTyped(text: string): string | null {
  const plain = text.trim().replace(/[\s\u00a0,，](?=\d{3}(\D|$))/g, "").replace("，", ".").replace(",", ".");
  return /^\d{1,12}(\.\d{1,4})?$/.test(plain) ? plain : null;
}

/** Hectares as a decimal string, which a plan sends back unchanged. */
export function hectares(area: number | null): string | undefined {
  return area === null ? undefined : String(Number(area.toFixed(6)));
}
