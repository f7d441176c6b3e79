/** `x-data="screen"`: the whole screen. It decides nothing: what may be seen and done is the unit's to say. */
import { follow } from "./following";
import { NO_ALERT, NO_READ, NO_SIGN_IN, NOTHING, type Alert, type Person, type Read, type Shown, type SignIn } from "./shown";
import { Tone } from "./tone";

export const TOUCH_MS = 10_000;
/** Alpine shows an element a moment after what it depends on has changed; before that it takes no focus. */
const SHOWN_MS = 50;
const LOST = "The unit's program does not answer. It starts again by itself; if this stays, restart the unit.";
const HELD_BACK = "Touch the screen once: until then the browser holds the tone back.";

export function screen() {
  let wanted = false;
  let fetching = false;
  let touched = 0;
  let asked = 0;
  let seen = 0;
  let tone: Tone | undefined;

  return {
    s: NOTHING as Shown,
    told: "",
    isLost: false,
    note: "",
    pin: "",
    first: "",
    said: "",
    channel: "",
    busy: false,
    dark: localStorage.getItem("theme") !== "light",
    unlocking: null as Person | null,
    digits: ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0"],

    get problem(): string {
      return this.isLost ? LOST : this.told;
    },
    get alert(): Alert {
      return this.s.front ?? NO_ALERT;
    },
    get near(): Read {
      return this.s.read ?? NO_READ;
    },
    get sign(): SignIn {
      return this.s.sign_in ?? NO_SIGN_IN;
    },
    get code(): string | null {
      return this.sign.user_code ? `/sign-in/code.svg?of=${encodeURIComponent(this.sign.user_code)}` : null;
    },
    get signUntil(): string {
      return `The code counts until ${this.sign.until}.`;
    },
    get pinTitle(): string {
      return `${this.sign.name}: choose a PIN`;
    },
    get pinLabel(): string {
      return this.first ? "The same PIN again" : "6 to 12 digits; it opens this screen, also without network";
    },
    get unlockTitle(): string {
      return this.unlocking ? `${this.unlocking.name}: enter your PIN` : "";
    },
    get waiting(): string {
      return this.s.ringing === 1 ? "1 alert waits: open the screen" : `${this.s.ringing} alerts wait: open the screen`;
    },
    get more(): string {
      return this.s.more === 1 ? "1 more alert waits" : `${this.s.more} more alerts wait`;
    },

    get before(): string {
      return `Alerts before (${(this.s["earlier"] as unknown[]).length})`;
    },

    init(): void {
      this.dress();
      tone = new Tone((isHeldBack) => (this.note = isHeldBack ? HELD_BACK : ""));
      for (const gesture of ["pointerdown", "keydown"]) document.addEventListener(gesture, () => this.touch());
      follow(() => void this.look());
      void this.look();
    },
    async look(): Promise<void> {
      wanted = true;
      if (fetching) return;
      fetching = true;
      while (wanted) {
        wanted = false;
        await this.ask("/look").catch(() => (this.isLost = true));
      }
      fetching = false;
    },
    /**
     * Shows what there is to see, or what was refused; a refusal stays until the next act. What was asked for before
     * something that is shown already is old: a look that was under way while the screen was opened says it is locked.
     */
    async ask(path: string, request: RequestInit = {}): Promise<void> {
      const order = ++asked;
      const answer = await fetch(path, request);
      const found = await answer.json();
      this.isLost = false;
      if (!found.stage) this.told = found.told;
      else if (order > seen) {
        seen = order;
        this.show(found);
      }
    },
    show(found: Shown): void {
      const before = this.place();
      this.s = { ...NOTHING, ...found };
      const chosen = this.unlocking?.session;
      if (!this.s.people.some((one) => one.session === chosen)) this.unlocking = null;
      tone?.ring(found.ringing, found.stage === "OPEN");
      if (this.place() === before) return;
      this.pin = this.first = this.said = this.channel = "";
      const target = this.s.front && this.s.stage === "OPEN" ? "ALERT" : this.s.stage;
      setTimeout(() => document.querySelector<HTMLElement>(`[data-focus="${target}"]`)?.focus(), SHOWN_MS);
    },
    /** What the person looks at; only when it changes is what they typed dropped, and the focus moved. */
    place(): string {
      return `${this.s.stage} ${this.s.front?.event_id ?? ""}${this.s.front?.id ?? ""} ${this.s.read?.sequence ?? ""}`;
    },
    async act(path: string, words: object = {}): Promise<void> {
      if (this.busy) return;
      this.busy = true;
      this.told = "";
      try {
        const request = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(words) };
        await this.ask(path, request);
      } catch {
        this.isLost = true;
      } finally {
        this.busy = false;
      }
    },
    touch(): void {
      if (this.s.stage !== "OPEN" || Date.now() - touched < TOUCH_MS) return;
      touched = Date.now();
      void fetch("/touch", { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" }).catch(() => undefined);
    },

    choose(person: Person): void {
      this.told = person.told;
      this.pin = "";
      this.unlocking = person.told ? null : person;
      if (this.unlocking) setTimeout(() => document.getElementById("pin")?.focus(), SHOWN_MS);
    },
    back(): void {
      this.unlocking = null;
      this.pin = this.told = "";
    },
    press(digit: string): void {
      if (this.pin.length < 12) this.pin += digit;
    },
    rub(): void {
      this.pin = this.pin.slice(0, -1);
    },
    async unlock(): Promise<void> {
      const pin = this.pin;
      this.pin = "";
      await this.act("/unlock", { session: this.unlocking?.session, pin });
    },
    async setPin(): Promise<void> {
      if (!this.first) {
        this.first = this.pin;
        this.pin = this.told = "";
        return;
      }
      const words = { pin: this.first, again: this.pin };
      this.first = this.pin = "";
      await this.act("/pin", words);
    },
    openRead(read: Read): void {
      void this.act(`/reads/${read.sequence}/open`);
    },
    spokenRead(read: Read): string {
      return [read.said, read.at, read.source, read.direction, read.alert ? "on the list" : ""].filter(Boolean).join(", ");
    },
    openAlert(one: Alert): void {
      void this.act(`/alerts/${one.id}/open`);
    },
    acknowledge(): void {
      void this.act(`/alerts/${this.alert.id}/acknowledge`);
    },
    compare(characters: string): void {
      void this.act(`/alerts/${this.alert.id}/compare`, { characters });
    },
    tell(isConfirmed: boolean): void {
      void this.act(`/alerts/${this.alert.id}/told`, { is_confirmed: isConfirmed, said: this.said, channel: this.channel });
    },
    acknowledgeAssignment(one: { id: string }): void {
      void this.act(`/assignments/${one.id}/acknowledge`);
    },
    wear(): void {
      this.dark = !this.dark;
      localStorage.setItem("theme", this.dark ? "dark" : "light");
      this.dress();
    },
    dress(): void {
      document.documentElement.dataset["theme"] = this.dark ? "dark" : "light";
    },
  };
}
