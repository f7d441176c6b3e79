/**
 * `x-data="alertSound"`: turns the alert tone on and off and sets how loud it is, for each person of a shared computer.
 * The tone sounds for a new alert and goes on while any is unacknowledged by everybody (`plateward:unheard`). Browsers
 * allow sound only after a click or a key on the page: until then `note` says so, and the tone comes with the first.
 */
import { remember, remembered } from "./person";

/** Two short notes, Hertz; they carry through a dispatch room without startling. */
const NOTES = [880, 660];
const NOTE_S = 0.18;
export const REPEAT_MS = 8000;
const NORMAL = 60;
export const HELD_BACK = "This browser holds sound back until you click on the page or press a key.";
export const OFF = "Sound is off: new alerts make no tone here.";

export function alertSound() {
  let audio: AudioContext | undefined;
  let repeating: ReturnType<typeof setInterval> | undefined;
  const end = new AbortController();
  const { signal } = end;

  return {
    on: remembered("sound") !== "off",
    volume: Number(remembered("volume") ?? NORMAL),
    isHeldBack: true,
    get label(): string {
      return this.on ? "Sound on" : "Sound off";
    },
    get note(): string {
      if (!this.on) return OFF;
      return this.isHeldBack ? HELD_BACK : "";
    },
    init(): void {
      document.addEventListener("plateward:arrival", () => this.sound(), { signal });
      document.addEventListener("plateward:unheard", (event) => this.repeat((event as CustomEvent).detail.count), { signal });
      // Not at `pointerdown`: the note that goes moves the page under the finger, and the click would miss.
      for (const gesture of ["click", "keydown"])
        document.addEventListener(gesture, () => void (this.isHeldBack && this.on && this.ready()), { signal });
    },
    destroy(): void {
      end.abort();
      clearInterval(repeating);
      void audio?.close();
    },
    async ready(): Promise<void> {
      audio ??= new AudioContext();
      await audio.resume();
      this.isHeldBack = audio.state !== "running";
    },
    sound(): void {
      if (this.on && audio && !this.isHeldBack) play(audio, this.volume / 100);
    },
    repeat(unheard: number): void {
      if (unheard && !repeating) repeating = setInterval(() => this.sound(), REPEAT_MS);
      if (!unheard) {
        clearInterval(repeating);
        repeating = undefined;
      }
    },
    toggle(): void {
      this.on = !this.on;
      remember("sound", this.on ? "on" : "off");
      // The tone confirms that it will be heard.
      if (this.on) void this.ready().then(() => this.sound());
    },
    setVolume(event: Event): void {
      this.volume = Number((event.target as HTMLInputElement).value);
      remember("volume", String(this.volume));
      void this.ready().then(() => this.sound());
    },
  };
}

/** `loudness` from 0 to 1. */
export function play(audio: AudioContext, loudness: number): void {
  NOTES.forEach((hertz, index) => {
    const start = audio.currentTime + index * NOTE_S;
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.frequency.value = hertz;
    volume.gain.setValueAtTime(0.0001, start);
    volume.gain.exponentialRampToValueAtTime(Math.max(0.0002, loudness * 0.6), start + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, start + NOTE_S);
    tone.connect(volume).connect(audio.destination);
    tone.start(start);
    tone.stop(start + NOTE_S);
  });
}
