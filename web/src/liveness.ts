/**
 * `x-data="liveness"`: says whether the page's event stream is alive. While it is not, `poll` events on the body make
 * fragments with `hx-trigger="…, poll from:body"` fetch themselves. Every (re)connection fetches once, for what was
 * missed meanwhile.
 */
export type State = "connecting" | "live" | "reconnecting" | "polling";

const LABELS: Record<State, string> = {
  connecting: "Connecting",
  live: "Live",
  reconnecting: "Reconnecting",
  polling: "Connection interrupted: checking every 5 seconds",
};

export const POLL_MS = 5000;
/** The server sends an `alive` event every 15 s; silence for twice that and a bit is a dead connection. */
export const SILENCE_MS = 35_000;

export function liveness() {
  let polling: ReturnType<typeof setInterval> | undefined;
  let silence: ReturnType<typeof setTimeout> | undefined;
  const end = new AbortController();
  const { signal } = end;
  const listen = (name: string, act: (event: Event) => void) => document.addEventListener(name, act, { signal });

  return {
    state: "connecting" as State,
    get label(): string {
      return LABELS[this.state];
    },
    init(): void {
      listen("htmx:sseOpen", (event) => this.opened((event as CustomEvent).detail.source));
      listen("htmx:sseError", () => this.lost());
    },
    destroy(): void {
      end.abort();
      clearInterval(polling);
      clearTimeout(silence);
    },
    opened(source: EventTarget): void {
      // Also starts the clock: a stream that opens and then says nothing is dead too.
      this.heard();
      source.addEventListener("alive", () => this.heard(), { signal });
      poll();
    },
    lost(): void {
      clearTimeout(silence);
      if (polling) return;
      this.state = "reconnecting";
      polling = setInterval(() => {
        this.state = "polling";
        if (document.visibilityState === "visible") poll();
      }, POLL_MS);
    },
    heard(): void {
      clearTimeout(silence);
      silence = setTimeout(() => this.lost(), SILENCE_MS);
      this.lives();
    },
    lives(): void {
      clearInterval(polling);
      polling = undefined;
      this.state = "live";
    },
  };
}

const poll = () => document.body.dispatchEvent(new Event("poll"));
