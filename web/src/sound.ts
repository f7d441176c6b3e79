/**
 * `x-data="alertSound"`: a button that turns the alert tone on and off. Browsers allow sound only after a click or a
 * key on the page, so a remembered "on" waits for the first of them.
 */
const KEY = "plateward.alert-sound";
/** Two short notes, Hertz; they carry through a dispatch room without startling. */
const NOTES = [880, 660];
const NOTE_S = 0.18;

export function alertSound() {
  let audio: AudioContext | undefined;
  const end = new AbortController();
  const ready = () => (audio ??= new AudioContext()).resume();

  return {
    on: localStorage.getItem(KEY) === "on",
    get label(): string {
      return this.on ? "Alert sound: on" : "Alert sound: off";
    },
    init(): void {
      const { signal } = end;
      document.addEventListener("plateward:arrival", () => this.on && audio && play(audio), { signal });
      for (const gesture of ["pointerdown", "keydown"])
        document.addEventListener(gesture, () => void (this.on && ready()), { once: true, signal });
    },
    destroy(): void {
      end.abort();
      void audio?.close();
    },
    toggle(): void {
      this.on = !this.on;
      localStorage.setItem(KEY, this.on ? "on" : "off");
      // The tone confirms that it will be heard.
      if (this.on) void ready().then(() => audio && play(audio));
    },
  };
}

export function play(audio: AudioContext): void {
  NOTES.forEach((hertz, index) => {
    const start = audio.currentTime + index * NOTE_S;
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.frequency.value = hertz;
    volume.gain.setValueAtTime(0.0001, start);
    volume.gain.exponentialRampToValueAtTime(0.3, start + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, start + NOTE_S);
    tone.connect(volume).connect(audio.destination);
    tone.start(start);
    tone.stop(start + NOTE_S);
  });
}
