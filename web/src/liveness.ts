/**
 * `x-data="liveness"`: says whether the page's event stream is alive. While it is not, `poll` events on the body make
 * fragments with `hx-trigger="…, poll from:body"` fetch themselves. Every (re)connection fetches once, for what was
 * missed meanwhile. A stream that the server ends says `reopen` before: that is no interruption, and nothing is said of it.
 * Where another is refused, the page is loaded again and shows why: logged out, locked, no longer permitted.
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
/** A stream ended by the server is opened again at once; later than this it is lost after all. */
export const REOPENED_MS = 5000;

export function liveness(reload: () => void = () => location.reload()) {
  let polling: ReturnType<typeof setInterval> | undefined;
  let silence: ReturnType<typeof setTimeout> | undefined;
  let reopens = false;
  const heeded = new WeakSet<EventTarget>();
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
      listen("htmx:sseError", (event) => this.failed((event as CustomEvent).detail?.source));
    },
    destroy(): void {
      end.abort();
      clearInterval(polling);
      clearTimeout(silence);
    },
    opened(source: EventTarget): void {
      // Also starts the clock: a stream that opens and then says nothing is dead too.
      this.heard();
      poll();
      if (heeded.has(source)) return;
      heeded.add(source);
      source.addEventListener("alive", () => this.heard(), { signal });
      source.addEventListener("reopen", () => this.ended(), { signal });
    },
    ended(): void {
      reopens = true;
      clearTimeout(silence);
      silence = setTimeout(() => this.lost(), REOPENED_MS);
    },
    failed(source?: EventSource): void {
      const isEnd = reopens && source?.readyState !== EventSource.CLOSED;
      reopens = false;
      if (isEnd) return;
      this.lost();
      if (source?.readyState === EventSource.CLOSED) void refusal(source.url, signal).then((is) => is && reload());
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
      document.dispatchEvent(new Event("plateward:alive"));
      reopens = false;
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

/** Whether the server answers that this person may not listen now, or sends them elsewhere; no when it fails otherwise. */
async function refusal(url: string, signal: AbortSignal): Promise<boolean> {
  try {
    const answer = await fetch(url, { redirect: "manual", signal });
    void answer.body?.cancel();
    return answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403;
  } catch {
    return false;
  }
}
