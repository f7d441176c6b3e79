/**
 * Tells the server which requests a page made by itself, and hides a page whose session inactivity has locked.
 *
 * The server decides on both: the event stream and requests with this header are no activity, and a locked session gets
 * nothing but the lock page. A page that never asks for anything must ask, or it would stay on the screen.
 */
export const BACKGROUND = "X-Plateward-Background";
const SESSION = "/me/session/";
/** Asked this long after the server said the session locks, so that the answer is clear. */
const GRACE_MS = 1000;
export const RETRY_MS = 60_000;

export function markBackground(): void {
  document.addEventListener("htmx:configRequest", (event) => {
    const { headers, triggeringEvent } = (event as CustomEvent).detail;
    if (!triggeringEvent?.isTrusted) headers[BACKGROUND] = "1";
  });
}

/** Watches pages of people who are logged in: those with a log-out form. */
export function watchLock(go: (address: string) => void = (address) => location.assign(address)): void {
  if (!document.querySelector("form[action='/logout/']") || location.pathname === "/locked/") return;
  void ask(go);
  // A computer that slept kept no time: the page asks as soon as somebody looks at it again.
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && void ask(go));
}

let next: ReturnType<typeof setTimeout> | undefined;

export async function ask(go: (address: string) => void): Promise<void> {
  clearTimeout(next);
  let wait = RETRY_MS;
  try {
    const answer = await fetch(SESSION, { headers: { [BACKGROUND]: "1" }, redirect: "manual" });
    if (answer.type === "opaqueredirect") {
      go(`/locked/?next=${encodeURIComponent(location.pathname + location.search)}`);
      return;
    }
    if (answer.ok) wait = Number(await answer.text()) * 1000 + GRACE_MS;
  } catch {
    // The server is away: it answers nothing to anybody, and is asked again.
  }
  clearTimeout(next);
  next = setTimeout(() => void ask(go), wait);
}
