/** Visits: the week's list, its sheets, the form that works without a network, and what waits to be sent. */
import { el } from "../../dom";
import { LENDING, type Draw, type Office, type Room } from "../office";
import { writePlace, type Place } from "../place";
import { refusedSubject, subjectOf, type Subject } from "./correcting";
import { VisitForm } from "./form";
import { listPage } from "./list";
import { asPicture, type Picture } from "./photo";
import { senderOf } from "./presence";
import { sheetsPage } from "./sheets";
import { situationOf, type Situation } from "./situation";
import "./visits.css";

export const visitsRoom: Room = { name: "visits", tab: "visits_tab", roles: LENDING, open };

async function open(office: Office, place: Place, signal: AbortSignal): Promise<Draw> {
  const situation = await situationOf(office, senderOf(office), signal);
  const [part, name] = place.path;
  const { say } = office.speech;
  if (part === "sheets") return () => ({ title: say("visits_sheets"), element: sheetsPage(situation, new URLSearchParams(place.query).get("stop")) });
  if (part === "form" && name !== undefined) return () => form(situation, name);
  if (part === "correct" && name !== undefined) return correction(situation, name);
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
  const task = situation.week.tasks.find((each) => each.parcel_id === parcel);
  const title = say("visits_form", { parcel });
  return task === undefined ? nothing(situation, title, say("visits_notListed")) : filling(situation, title, subjectOf(task), null);
}

/** A visit of who is signed in that the service refused, by its key. */
async function correction(situation: Situation, key: string): Promise<Draw> {
  const { office, sender, entries, week } = situation;
  const { say } = office.speech;
  const entry = entries.find((each) => each.key === key && each.login === office.person.login && each.state === "refused");
  if (entry === undefined) return () => nothing(situation, say("visits_title"), say("visits_notRefused"));
  const kept = await sender.photo(entry);
  const photo = kept === null ? null : await asPicture(kept);
  return () => filling(situation, say("visits_correcting", { parcel: entry.parcel }), refusedSubject(entry, week), photo);
}

function filling(situation: Situation, title: string, subject: Subject, photo: Picture | null): ReturnType<Draw> {
  const shown = new VisitForm(situation, subject, photo);
  return { title, element: shown.draw(), leave: () => shown.leave() };
}

function nothing({ office }: Situation, title: string, why: string): ReturnType<Draw> {
  const element = el("div", {}, el("h1", { tabindex: -1 }, title), el("p", { class: "empty" }, why), el("a", { href: writePlace("visits") }, office.speech.say("visits_back")));
  return { title, element };
}
