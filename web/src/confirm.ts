/**
 * Asks before acting, in the page's own `<dialog id="confirm">`: `<form data-confirm="Remove this entry?">` and htmx's
 * `hx-confirm`. The dialog keeps the keyboard inside and gives the focus back.
 */
export function confirmFirst(): void {
  // Capturing, so that no other listener sees the form go before the answer.
  document.addEventListener("submit", holdBack, { capture: true });

  document.addEventListener("htmx:confirm", (event) => {
    const { question, issueRequest } = (event as CustomEvent).detail;
    if (!question) return;
    event.preventDefault();
    void ask(question).then((yes) => yes && issueRequest(true));
  });
}

function holdBack(event: SubmitEvent): void {
  const form = event.target as HTMLFormElement;
  const question = form.dataset["confirm"];
  if (!question || form.dataset["confirmed"]) return;
  event.preventDefault();
  event.stopPropagation();
  void ask(question).then((yes) => {
    if (!yes) return;
    form.dataset["confirmed"] = "yes";
    form.requestSubmit(event.submitter);
    delete form.dataset["confirmed"];
  });
}

/** Show the question; true when the person continues, false when they cancel or press Escape. */
export function ask(question: string): Promise<boolean> {
  const dialog = document.getElementById("confirm") as HTMLDialogElement;
  dialog.querySelector("h2")!.textContent = question;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((answer) => {
    dialog.addEventListener("close", () => answer(dialog.returnValue === "yes"), { once: true });
  });
}
