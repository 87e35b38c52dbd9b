/** The office: sign in, then Today, the work list and parcels, each at an address of its own. */
import "./office.css";
import { initialLanguage, Speech, stored } from "../i18n";
import { Client } from "./client";
import { Desk } from "./desk";
import { OFFICE_DICTIONARIES } from "./words";

const root = document.getElementById("app");
if (root) {
  const speech = new Speech(initialLanguage(location.search, stored(), navigator.language), OFFICE_DICTIONARIES);
  speech.speak(speech.language);
  const client = new Client((url, request) => fetch(url, request), () => document.cookie);
  void new Desk(root, client, speech).start();
  // Once the page stands: what the worker keeps for the field must not slow its first view.
  if (import.meta.env.PROD && "serviceWorker" in navigator)
    window.addEventListener("load", () => void navigator.serviceWorker.register("/sw.js"), { once: true });
}
