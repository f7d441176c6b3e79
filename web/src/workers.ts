/** The registration once its worker is at work; `ready` would wait for a worker of this very page, and for ever if there is none. */
export function active(registration: ServiceWorkerRegistration): Promise<ServiceWorkerRegistration> {
  const coming = registration.installing ?? registration.waiting;
  if (registration.active || !coming) return Promise.resolve(registration);
  return new Promise((resolve, reject) =>
    coming.addEventListener("statechange", () => {
      if (coming.state === "activated") resolve(registration);
      else if (coming.state === "redundant") reject(new Error("its program could not be set up"));
    }),
  );
}

/** Whether the browser keeps a page for opening it without network, from now on. */
export async function keeps(worker: string, scope: string): Promise<boolean> {
  try {
    return !!(await active(await navigator.serviceWorker.register(worker, { scope })));
  } catch {
    return false; // an old browser, plain http, or no network while the worker's files were fetched
  }
}
