import { announce } from "./speak";
import { word } from "./words";

export type Tone = "info" | "ok" | "warn" | "error";

/** Shows a sentence at the top of the page. Good news leave by themselves; trouble stays until it is closed. */
export function toast(tone: Tone, text: string): void {
  const box = document.createElement("div");
  box.className = `notice notice-${tone}`;

  const body = document.createElement("div");
  body.className = "notice-body";
  body.append(Object.assign(document.createElement("p"), { textContent: text }));

  const close = document.createElement("button");
  close.type = "button";
  close.className = "btn btn-icon btn-sm btn-ghost";
  close.setAttribute("aria-label", word("close"));
  close.innerHTML = '<span class="icon icon-cross" aria-hidden="true"></span>';
  close.addEventListener("click", () => box.remove());

  box.append(body, close);
  shelf().append(box);
  announce(text);

  if (tone === "ok" || tone === "info") window.setTimeout(() => box.remove(), 6_000);
}

function shelf(): HTMLElement {
  let found = document.querySelector<HTMLElement>(".toasts");
  if (!found) {
    found = Object.assign(document.createElement("div"), { className: "toasts" });
    document.body.append(found);
  }

  return found;
}
