/** Acts of people that did not reach the server; `unsent` lists them. */

/** What a proxy says for a server that is away. */
const AWAY = new Set([502, 503, 504]);

/** True for an act of a person that did not arrive, or of which nobody knows whether it did. */
export function isLost(event: Event): boolean {
  const { elt, xhr } = (event as CustomEvent).detail;
  if (!(elt instanceof HTMLFormElement) || elt.dataset["act"] === undefined) return false;
  if (event.type !== "htmx:responseError") return true;
  return AWAY.has(xhr.status) && !xhr.responseText.includes("data-refusal");
}
