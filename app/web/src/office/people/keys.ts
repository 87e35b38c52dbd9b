/** Keys of other systems, for administrators: what each may ask for, when it ends, and the end of it now. */
import { el } from "../../dom";
import { sheetCard, type Cell } from "../book/sheet";
import type { Office } from "../office";
import type { components } from "../schema";

type Key = components["schemas"]["KeptKey"];

/** The card; moment: an instant as the reader reads it. */
export function keysCard(found: readonly Key[], office: Office, moment: (instant: string) => string): HTMLElement {
  const { say } = office.speech;
  const rows = found.map((key): Cell[] => [
    `${key.label} (${key.prefix}…)`,
    key.unit,
    key.scopes.join(", "),
    moment(key.expires_at),
    key.last_used_at === null ? say("peopleNever") : moment(key.last_used_at),
    key.revoked_by !== null ? say("keysRevoked", { who: key.revoked_by }) : say(key.good ? "keysGood" : "keysOver"),
    key.revoked_by === null ? revoking(key, office) : "",
  ]);
  const card = sheetCard("keys", "keysNone", [{ head: "keysLabel" }, { head: "peopleUnit" }, { head: "keysScopes" }, { head: "keysEnds" }, { head: "keysUsed" }, { head: "keysNow" }, { head: "keysAct" }], rows, office.speech);
  card.id = "keys";
  card.append(el("p", { class: "sub" }, say("keysHow")));
  return card;
}

/** Asked for twice: a revoked key is never good again. */
function revoking(key: Key, office: Office): HTMLElement {
  const { say } = office.speech;
  let sure = false;
  const button = el("button", { type: "button", "aria-label": say("keysRevokeOf", { label: key.label }) }, say("keysRevoke"));
  button.addEventListener("click", () => {
    if (!sure) {
      sure = true;
      button.textContent = say("keysSure");
      button.setAttribute("aria-label", `${say("keysRevokeOf", { label: key.label })}: ${say("keysSure")}`);
      return;
    }
    button.disabled = true;
    office.client.change<null>("POST", `/keys/${key.number}/revoke`).then(
      () => {
        office.reload();
        office.announce(say("keysDone", { label: key.label }));
      },
      (error: unknown) => {
        button.disabled = false;
        office.fail(error);
      },
    );
  });
  return button;
}
