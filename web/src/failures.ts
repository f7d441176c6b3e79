/** Shows what an htmx request was refused or failed with, where the person is, instead of failing silently. */
import { isLost } from "./lost";

const UNREACHABLE = "The server cannot be reached. Nothing was saved; check the connection and try again.";

export function showFailures(): void {
  document.addEventListener("htmx:responseError", (event) => {
    // Background refreshes fail quietly: the live indicator already says so.
    if (asked(event) && !isLost(event)) show(explanation((event as CustomEvent).detail.xhr.responseText));
  });
  document.addEventListener("htmx:sendError", (event) => asked(event) && !isLost(event) && show([textNode(UNREACHABLE)]));
  document.addEventListener("htmx:beforeRequest", (event) => asked(event) && hide());
}

/** True for requests that a person made, false for those a timer or the event stream made. */
function asked(event: Event): boolean {
  const { triggeringEvent: cause, verb } = ((event as CustomEvent).detail.requestConfig ?? {}) as { triggeringEvent?: Event; verb?: string };
  // What a clock asks for has no event.
  return cause ? !(cause.type === "poll" || cause.type.startsWith("sse:")) : verb !== "get";
}

/** The refusal out of the page the server answered with, or a plain sentence. */
export function explanation(html: string): Node[] {
  const page = new DOMParser().parseFromString(html, "text/html");
  const refusal = page.querySelector("[data-refusal]");
  return refusal ? [...refusal.childNodes] : [textNode("The server could not do this. Reload the page and try again.")];
}

function textNode(sentence: string): Node {
  const paragraph = document.createElement("p");
  paragraph.textContent = sentence;
  return paragraph;
}

function show(nodes: Node[]): void {
  const region = document.getElementById("failure");
  if (!region) return;
  const body = document.createElement("div");
  body.className = "usa-alert__body";
  body.append(...nodes, closeButton());
  region.replaceChildren(body);
  region.hidden = false;
}

function hide(): void {
  const region = document.getElementById("failure");
  if (region) region.hidden = true;
}

function closeButton(): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "usa-button usa-button--outline";
  button.textContent = "Close";
  button.addEventListener("click", hide);
  return button;
}
