/** Visits: the week's list, its sheets, the form that works without a network, and what waits to be sent. */
import { el } from "../../dom";
import { LENDING, type Draw, type Office, type Room } from "../office";
import { writePlace, type Place } from "../place";
import { VisitForm } from "./form";
import { listPage } from "./list";
import { senderOf } from "./presence";
import { sheetsPage } from "./sheets";
import { situationOf, type Situation } from "./situation";
import "./visits.css";

export const visitsRoom: Room = { name: "visits", tab: "visits_tab", roles: LENDING, open };

async function open(office: Office, place: Place, signal: AbortSignal): Promise<Draw> {
  const situation = await situationOf(office, senderOf(office), signal);
  const [part, parcel] = place.path;
  const { say } = office.speech;
  if (part === "sheets") return () => ({ title: say("visits_sheets"), element: sheetsPage(situation, new URLSearchParams(place.query).get("stop")) });
  if (part === "form" && parcel !== undefined) return () => form(situation, parcel);
  return () => list(situation);
}

/** The list, asked for again once there is a network. */
function list(situation: Situation): ReturnType<Draw> {
  const { office, sender } = situation;
  const back = (): void => office.reload();
  window.addEventListener("online", back);
  const leave = (): void => {
    window.removeEventListener("online", back);
    sender.onChange = () => undefined;
  };
  return { title: office.speech.say("visits_title"), element: listPage(situation), leave };
}

function form(situation: Situation, parcel: string): ReturnType<Draw> {
  const { say } = situation.office.speech;
  const title = say("visits_form", { parcel });
  const task = situation.week.tasks.find((each) => each.parcel_id === parcel);
  if (task === undefined) {
    const element = el("div", {}, el("h1", { tabindex: -1 }, title), el("p", { class: "empty" }, say("visits_notListed")), el("a", { href: writePlace("visits") }, say("visits_back")));
    return { title, element };
  }
  const shown = new VisitForm(situation, task);
  return { title, element: shown.draw(), leave: () => shown.leave() };
}
