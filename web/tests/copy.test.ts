import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { copyText } from "../src/copy";

beforeEach(() => {
  document.body.innerHTML = '<p id="text">All units:\n   unverified alert</p><div id="announcer" role="status"></div>';
});
afterEach(() => vi.restoreAllMocks());

const text = () => document.getElementById("text")!;
const said = () => document.getElementById("announcer")!.textContent;

test("the radio text is copied as one line and the copy is said", async () => {
  const write = vi.spyOn(navigator.clipboard, "writeText").mockResolvedValue();
  await copyText(text());
  expect(write).toHaveBeenCalledWith("All units: unverified alert");
  expect(said()).toBe("Copied.");
});

test("without a clipboard the text is selected and the keys are said", async () => {
  vi.spyOn(navigator.clipboard, "writeText").mockRejectedValue(new Error("insecure"));
  await copyText(text());
  expect(getSelection()?.toString()).toContain("unverified alert");
  expect(said()).toContain("Control and C");
});
