/** What the unit tells the page: `plateward/edge/screen/view.py`, which words everything. */
export type Stage = "LOCKED" | "SIGN_IN" | "PIN" | "OPEN" | "BLOCKED";

export interface Character {
  char: string;
  doubt: string;
  differs: boolean;
  percent: string;
}

export interface Read {
  sequence: number;
  characters: Character[];
  said: string;
  region: string;
  at: string;
  source: string;
  direction: string;
  picture: string | null;
  alert: string | null;
}

export interface Alert {
  id: string;
  event_id: string;
  characters: Character[];
  plate_picture: string | null;
  scene_picture: string | null;
  channels: { id: string; name: string }[];
  is_acknowledged: boolean;
  may_answer: boolean;
  [word: string]: unknown;
}

export interface Person {
  session: string;
  name: string;
  told: string;
}

export interface SignIn {
  step: string;
  user_code: string;
  until: string;
  name: string;
}

export interface Shown {
  version: string;
  stage: Stage;
  told: string;
  name: string;
  ringing: number;
  more: number;
  front: Alert | null;
  read: Read | null;
  sign_in: SignIn | null;
  people: Person[];
  reads: Read[];
  [more: string]: unknown;
}

export const NO_READ: Read = {
  sequence: 0, characters: [], said: "", region: "", at: "", source: "", direction: "", picture: null, alert: null,
};
export const NO_ALERT: Alert = {
  id: "", event_id: "", characters: [], plate_picture: null, scene_picture: null, channels: [], is_acknowledged: false, may_answer: false,
};
export const NO_SIGN_IN: SignIn = { step: "", user_code: "", until: "", name: "" };
export const NOTHING: Shown = {
  version: "", stage: "LOCKED", told: "", name: "", ringing: 0, more: 0, front: null, read: null, sign_in: null,
  people: [], reads: [], earlier: [], assignments: [], facts: [], note: "", stopped: "", device: "", agency: "", now: "",
};
