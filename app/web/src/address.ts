/** What the address keeps: the parcel and the colouring, so that a view can be handed on. */
import { MODES, type Mode } from "./palette";

export interface View {
  parcel: string | null;
  mode: Mode;
}

export function readView(hash: string): View {
  const values = new URLSearchParams(hash.replace(/^#/, ""));
  const mode = MODES.find((known) => known === values.get("by")) ?? "crop";
  return { parcel: values.get("parcel"), mode };
}

export function writeView(view: View): string {
  const values = new URLSearchParams();
  if (view.parcel !== null) values.set("parcel", view.parcel);
  if (view.mode !== "crop") values.set("by", view.mode);
  const text = values.toString();
  return text ? `#${text}` : "#";
}
