/** Runs and watches: what the figures were computed from, and what could not be done. */
import { el } from "../../dom";
import { formatDay, formatNumber } from "../../format";
import { factList, sheetCard, type Cell } from "../book/sheet";
import { LENDING, type Draw, type Office, type Room } from "../office";
import { writePlace } from "../place";
import type { components } from "../schema";
import type { OfficeKey, OfficeSpeech } from "../words";
import { layersCard, layersOf } from "./layers";

type Schemas = components["schemas"];

const SHORT = 12;

export const runsRoom: Room = {
  name: "runs",
  tab: "runs",
  menu: true,
  roles: LENDING,
  open: async (office, place, signal): Promise<Draw> => {
    const [id] = place.path;
    if (id !== undefined) {
      const [run, layers] = await Promise.all([office.client.get<Schemas["RunPage"]>(`/runs/${encodeURIComponent(id)}`, signal), layersOf(office, id, signal)]);
      return () => ({ title: `${office.speech.say("runsRun")} ${id}`, element: one(office, run, layersCard(office, id, layers, run.line.files, signal)) });
    }
    const [runs, watches] = await Promise.all([office.client.get<Schemas["RunList"]>("/runs", signal), office.client.get<Schemas["WatchList"]>("/watches", signal)]);
    return () => ({ title: office.speech.say("runs"), element: all(office, runs.runs, watches.watches) });
  },
};

function all({ speech }: Office, runs: readonly Schemas["RunLine"][], watches: readonly Schemas["WatchLine"][]): HTMLElement {
  const { say, language } = speech;
  const lines = runs.map((run): Cell[] => [
    el("span", {}, link(run.run_id), run.simulated && el("span", { class: "badge" }, say("runsSimulated"))),
    formatDay(run.created_at.slice(0, 10), language),
    run.of_sites ? say("runsOfSites") : run.season_id,
    formatNumber(run.parcels, language),
    states(run, speech),
    formatNumber(run.scenes, language),
    formatNumber(run.failures, language),
    say(run.files ? "runsHere" : "runsGone"),
  ]);
  const looks = watches.map((watch): Cell[] => [el("code", {}, watch.id.slice(0, SHORT)), formatDay(watch.as_of, language), link(watch.run_id), watch.rules_id, changes(watch.counts, speech)]);
  return el(
    "div",
    {},
    el("div", { class: "page-head" }, el("h1", { tabindex: -1 }, say("runs"))),
    el(
      "div",
      { class: "stack" },
      sheetCard("runs", "runsNone", [{ head: "runsRun" }, { head: "runsMade" }, { head: "runsSeason" }, { head: "runsParcels", figure: true }, { head: "runsStates" }, { head: "runsScenes", figure: true }, { head: "runsFailures", figure: true }, { head: "runsFiles" }], lines, speech),
      sheetCard("runsWatches", "runsNoWatches", [{ head: "runsWatches" }, { head: "runsAsOf" }, { head: "runsRun" }, { head: "runsRules" }, { head: "runsCounts" }], looks, speech),
    ),
  );
}

function one({ speech }: Office, run: Schemas["RunPage"], layers: HTMLElement): HTMLElement {
  const { say, language } = speech;
  const { line } = run;
  const facts = factList(
    [
      ["runsMade", formatDay(line.created_at.slice(0, 10), language)],
      ["runsSeason", line.of_sites ? say("runsOfSites") : line.season_id],
      ["runsParcels", `${formatNumber(line.parcels, language)} (${states(line, speech)})`],
      ["runsPolicy", line.policy_id && el("a", { href: writePlace("policy", [line.policy_id]) }, line.policy_id)],
      ["runsModel", line.model_hash && el("code", {}, line.model_hash)],
      ["runsCode", run.code_version],
      ["runsFiles", say(line.files ? "runsHere" : "runsGone")],
    ],
    speech,
  );
  const failures = run.failures.map((each): Cell[] => [each.subject, el("code", {}, each.code), each.message]);
  const scenes = run.scenes.map((each): Cell[] => [each.id, each.baseline || say("runsNotStated"), hash(each.hash)]);
  const inputs = Object.entries(run.inputs).map(([name, digest]): Cell[] => [name, hash(digest)]);
  const outputs = run.outputs.map((each): Cell[] => [each.name, each.bytes === null ? say("runsGone") : formatNumber(each.bytes, language), hash(each.hash)]);
  const asked = Object.entries(run.parameters).map(([name, value]): Cell[] => [name, el("code", {}, JSON.stringify(value))]);
  return el(
    "div",
    {},
    el("div", { class: "page-head" }, el("a", { class: "onward", href: writePlace("runs") }, `← ${say("runsBack")}`), el("h1", { tabindex: -1 }, el("span", { class: "kicker" }, say("runsRun")), ` ${line.run_id}`), line.simulated && el("span", { class: "badge" }, say("runsSimulated"))),
    el(
      "div",
      { class: "stack" },
      el("section", { class: "card" }, facts),
      !line.of_sites && layers,
      sheetCard("runsFailed", "runsNoFailures", [{ head: "runsSubject" }, { head: "runsCodeOf" }, { head: "runsSaid" }], failures, speech),
      failures.length > 0 && el("p", { class: "notes" }, say("runsRemedy")),
      sheetCard("runsScenes", "runsNoScenes", [{ head: "runsScene" }, { head: "runsBaseline" }, { head: "runsHash" }], scenes, speech),
      sheetCard("runsInputs", "runsNoInputs", [{ head: "runsName" }, { head: "runsHash" }], inputs, speech),
      sheetCard("runsOutputs", "runsNoOutputs", [{ head: "runsName" }, { head: "runsBytes", figure: true }, { head: "runsHash" }], outputs, speech),
      sheetCard("runsParameters", "runsNoInputs", [{ head: "runsName" }, { head: "runsValue" }], asked, speech),
    ),
  );
}

function link(id: string): HTMLElement {
  return el("a", { href: writePlace("runs", [id]) }, id.slice(0, SHORT));
}

function hash(digest: string): HTMLElement {
  return el("code", { title: digest }, digest.slice(0, SHORT));
}

function states(run: Schemas["RunLine"], speech: OfficeSpeech): string {
  return run.by_status.map((each) => `${speech.say(each.status)} ${formatNumber(each.count, speech.language)}`).join(", ");
}

function changes(counts: Schemas["WatchLine"]["counts"], { say, language }: OfficeSpeech): string {
  const kinds = Object.keys(counts) as (keyof typeof counts)[];
  return kinds.map((kind) => `${say(`event_${kind}` as OfficeKey)} ${formatNumber(counts[kind] ?? 0, language)}`).join(", ") || say("runsNoChange");
}
