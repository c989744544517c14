/**
 * What the wizard that pairs a terminal does beyond sending.
 *   data-life="180"   on the field of a code: from its first digit on, [data-life-clock] counts down and codeAt says when
 *                     that was; afterwards [data-life-over] shows instead of [data-life-left]
 *   data-step         on #tab: a new step takes focus to its title, or to its first field
 */
import { serverNow, span } from "./clock";
import { announce } from "./speak";

export function startWizard(): void {
  document.addEventListener("input", (event) => {
    const code = event.target;
    if (code instanceof HTMLInputElement && code.dataset.life) typed(code);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const code = event.target instanceof HTMLFormElement ? event.target.querySelector<HTMLInputElement>("[data-life]") : null;
    if (code) begin(code, 0); // what is typed now is another code
  });
  document.addEventListener("htmx:afterSettle", showStep);
  window.setInterval(() => {
    for (const code of document.querySelectorAll<HTMLInputElement>("[data-life]")) show(code);
  }, 500);
}

function typed(code: HTMLInputElement): void {
  if (code.value === "") begin(code, 0);
  else if (!code.dataset.since) begin(code, serverNow());
  show(code);
}

function begin(code: HTMLInputElement, when: number): void {
  if (when === 0) delete code.dataset.since;
  else code.dataset.since = String(when);
  const field = code.form?.elements.namedItem("codeAt");
  if (field instanceof HTMLInputElement) field.value = when === 0 ? "" : new Date(when).toISOString();
  show(code);
}

function show(code: HTMLInputElement): void {
  const part = (name: string) => code.form?.querySelector<HTMLElement>(`[data-life-${name}]`);
  const since = Number(code.dataset.since ?? 0);
  const left = since + Number(code.dataset.life) * 1000 - serverNow();
  const [hint, counting, over, clock] = [part("hint"), part("left"), part("over"), part("clock")];
  if (!hint || !counting || !over || !clock) return;

  hint.hidden = since !== 0;
  counting.hidden = since === 0 || left <= 0;
  over.hidden = since === 0 || left > 0;
  clock.textContent = span(left);
}

let last = "";

/** Moves focus when the step is another one, or its outcome has come. */
function showStep(): void {
  const tab = document.querySelector<HTMLElement>("#tab[data-step]");
  const now = tab ? `${tab.dataset.step} ${tab.querySelector<HTMLElement>("[data-status]")?.dataset.status ?? ""}` : "";
  if (now === last) return;

  last = now;
  const title = tab?.querySelector<HTMLElement>("#wizard-title");
  const first = tab?.querySelector<HTMLElement>("[data-first]:not(dialog *)") ?? title;
  first?.focus();
  if (title?.dataset.announce) announce(title.dataset.announce);
}
