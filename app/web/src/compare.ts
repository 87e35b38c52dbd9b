/** Declared against observed. */
import type { Parcel } from "./api";

/** How the declared crop compares with what was seen. */
export function comparison(parcel: Pick<Parcel, "crop" | "crop_set" | "declared_crop">): "same" | "possible" | "differs" | null {
  if (parcel.declared_crop === null || parcel.crop === null) return null;
  if (parcel.declared_crop === parcel.crop) return "same";
  return parcel.crop_set.includes(parcel.declared_crop) ? "possible" : "differs";
}
