/** The tone of an alert: at once, and again until somebody acknowledges it; on a locked screen a few times. */
import { play } from "../sound";

export const AGAIN_MS = 5000;
export const TIMES_LOCKED = 12;
const LOUD = 1;

export class Tone {
  private audio: AudioContext | undefined;
  private ringing = 0;
  private left = 0;
  private isOpen = false;

  constructor(private readonly tell: (isHeldBack: boolean) => void) {
    for (const gesture of ["click", "keydown"]) document.addEventListener(gesture, () => void this.ready());
    setInterval(() => this.again(), AGAIN_MS);
  }

  /** So many alerts call for somebody; each further one sounds at once. */
  ring(count: number, isOpen: boolean): void {
    const isMore = count > this.ringing;
    this.ringing = count;
    this.isOpen = isOpen;
    if (!isMore) return;
    this.left = TIMES_LOCKED;
    void this.ready().then(() => this.sound());
  }

  private again(): void {
    if (!this.ringing || (!this.isOpen && this.left <= 0)) return;
    this.left -= 1;
    this.sound();
  }

  private sound(): void {
    if (this.audio?.state === "running") play(this.audio, LOUD);
  }

  private async ready(): Promise<void> {
    this.audio ??= new AudioContext();
    // Without a gesture the browser never settles this: what it holds back is told meanwhile.
    await Promise.race([this.audio.resume(), new Promise((settled) => setTimeout(settled, 300))]);
    this.tell(this.audio.state !== "running");
  }
}
