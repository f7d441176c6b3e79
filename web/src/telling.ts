/**
 * Has this browser told of alerts (Push API): `<form data-push="the server's public key" data-worker=".." data-scope="..">`
 * with hidden fields for what the browser's push service says. Sending the form asks the person, then the service.
 */
import { bytes, text } from "./securityKeys";
import { active } from "./workers";

export function tellingBrowsers(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-push]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (form.reportValidity()) void add(form);
    });
  }
}

async function add(form: HTMLFormElement): Promise<void> {
  const problem = form.querySelector<HTMLElement>("[data-push-problem]")!;
  problem.hidden = true;
  try {
    const { worker, scope, push } = form.dataset;
    const given = spelled(await subscribed(worker!, scope!, bytes(push!)));
    for (const [name, value] of Object.entries(given)) (form.elements.namedItem(name) as HTMLInputElement).value = value;
    form.submit();
  } catch (error) {
    problem.textContent = explained(error as Error);
    problem.hidden = false;
  }
}

async function subscribed(worker: string, scope: string, key: Uint8Array<ArrayBuffer>): Promise<PushSubscription> {
  if (!("PushManager" in window) || !("serviceWorker" in navigator)) throw new DOMException("", "NotSupportedError");
  if ((await Notification.requestPermission()) !== "granted") throw new DOMException("", "NotAllowedError");
  const registration = await active(await navigator.serviceWorker.register(worker, { scope }));
  const known = await registration.pushManager.getSubscription();
  if (known && !isOf(known, key)) await known.unsubscribe(); // another agency's, or from before
  return registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
}

const isOf = (known: PushSubscription, key: Uint8Array): boolean =>
  !!known.options.applicationServerKey && text(new Uint8Array(known.options.applicationServerKey)) === text(key);

export function spelled(made: PushSubscription): Record<string, string> {
  const { endpoint, keys } = made.toJSON();
  return { endpoint: endpoint ?? "", p256dh: keys?.["p256dh"] ?? "", auth: keys?.["auth"] ?? "" };
}

/** What went wrong in words, and what to do. */
export function explained(error: Error): string {
  if (error.name === "NotSupportedError") {
    return "This browser takes no push messages here. On an iPhone, add Plateward to the Home Screen first and open it there.";
  }
  if (error.name === "NotAllowedError") return "Notifications are blocked for this site. Allow them in the browser’s settings, then try again.";
  return `The browser’s push service could not be reached: ${error.message}`;
}
