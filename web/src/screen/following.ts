/** Says when there is something else to see: by server-sent events, and by asking while those do not come. */
export const POLL_MS = 2000;
/** The unit sends a sign of life every 10 s. */
export const SILENCE_MS = 25_000;

export function follow(changed: () => void): void {
  let heard = Date.now();
  const events = new EventSource("/changes");
  events.onmessage = () => {
    heard = Date.now();
    changed();
  };
  setInterval(() => {
    if (events.readyState !== EventSource.OPEN || Date.now() - heard > SILENCE_MS) changed();
  }, POLL_MS);
}
