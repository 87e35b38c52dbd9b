/** What of visits goes on whatever page is open: sending while somebody is signed in, forgetting once nobody is. */
import type { Person } from "../answers";
import type { Client } from "../client";
import { forgetAlong, readAlong } from "./away";
import { Sender } from "./sender";

let sender: Sender | null = null;

/** The sender of who is signed in. */
export function senderOf({ client, person }: { client: Client; person: Person }): Sender {
  if (sender?.login !== person.login) {
    sender?.stop();
    sender = new Sender(client, person.login);
  }
  return sender;
}

/** Nobody is signed in any more: the list goes; what was not sent stays, and waits for its officer. */
export async function nobodySignedIn(): Promise<void> {
  sender?.stop();
  sender = null;
  await forgetAlong();
}

/** Who took a list along on this device, while the service does not answer; null: nobody, or their session has ended. */
export async function personAway(): Promise<Person | null> {
  const along = await readAlong(Date.now()).catch(() => null); // no storage: nobody took anything along
  return along?.person ?? null;
}
