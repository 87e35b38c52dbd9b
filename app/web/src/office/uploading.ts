/** Sends a file as it is and tells how far it is: XMLHttpRequest knows that of what it sends, fetch does not. */
import { UnreachableError } from "./unreachable";

export interface Upload {
  readonly method: "POST" | "PUT";
  readonly url: string;
  readonly file: Blob;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** Share of the file that is on its way, 0 to 1. */
  progress(share: number): void;
}

/** The service's answer; an UnreachableError where none came. */
export function sendFile({ method, url, file, headers, signal, progress }: Upload): Promise<Response> {
  return new Promise((resolve, reject) => {
    const asked = new XMLHttpRequest();
    asked.open(method, url);
    asked.responseType = "text";
    for (const [name, value] of Object.entries(headers)) asked.setRequestHeader(name, value);
    asked.upload.onprogress = (event) => event.lengthComputable && progress(event.loaded / event.total);
    asked.onload = () => resolve(responseOf(asked));
    asked.onerror = asked.ontimeout = () => reject(new UnreachableError("no answer"));
    asked.onabort = () => reject(new DOMException("aborted", "AbortError"));
    signal?.addEventListener("abort", () => asked.abort(), { once: true });
    asked.send(file);
  });
}

function responseOf(asked: XMLHttpRequest): Response {
  const headers = new Headers();
  for (const name of ["Content-Type", "Retry-After"]) {
    const value = asked.getResponseHeader(name);
    if (value !== null) headers.set(name, value);
  }
  const body = asked.status === 204 ? null : asked.responseText;
  return new Response(body, { status: asked.status, statusText: asked.statusText, headers });
}
