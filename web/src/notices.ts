/**
 * Keeps the header's count of what waits for the person true while the page is looked at: on each event the count and a
 * list of notices fetch themselves. Hidden pages let go of their stream, since a browser opens few to one server.
 */
import { announce } from "./announce";

const STREAM = "/live/stream?topics=notices";
let source: EventSource | undefined;
let known = 0;

export function watchNotices(open: (address: string) => EventSource = (address) => new EventSource(address)): void {
  const badge = document.getElementById("for-you");
  if (!badge) return;
  known = waiting(badge);
  document.addEventListener("htmx:afterSettle", (event) => event.target === badge && tell(badge));
  const follow = () => {
    source?.close();
    source = document.visibilityState === "visible" ? open(STREAM) : undefined;
    for (const name of ["notices", "resync"]) source?.addEventListener(name, changed);
  };
  document.addEventListener("visibilitychange", follow);
  follow();
}

const changed = () => document.body.dispatchEvent(new Event("notices-changed"));

function waiting(badge: HTMLElement): number {
  return Number(badge.querySelector<HTMLElement>("[data-waiting]")?.dataset["waiting"] ?? 0);
}

/** Fewer is what the person did; only more is news. */
function tell(badge: HTMLElement): void {
  const now = waiting(badge);
  if (now > known) announce(`${now} waiting for you.`);
  known = now;
}
