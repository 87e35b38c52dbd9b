/** What the room asks of the service. */
import type { Client } from "../client";
import type { components } from "../schema";
import type { VisitSaid } from "./queue";
import type { Week } from "./away";

type Taken = components["schemas"]["VisitTaken"];

export const askWeek = (client: Client, signal: AbortSignal): Promise<Week> => client.get<Week>("/visits/week", signal);

export const sendVisit = (client: Client, key: string, said: VisitSaid): Promise<Taken> => client.change<Taken>("PUT", `/visits/${key}`, said);

export async function sendPhoto(client: Client, key: string, photo: Blob, progress: (share: number) => void): Promise<void> {
  await client.upload("PUT", `/visits/${key}/photo`, photo, progress);
}
