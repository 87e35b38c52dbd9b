/** No answer came at all: no network, or no service. */
export class UnreachableError extends Error {}
