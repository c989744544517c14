/**
 * What forms do beyond sending: a refusal is moved to the field at fault, the button repeats what it will do, secrets do
 * not stay in the page. All sentences come from the server.
 *   .form-errors        where the server puts a refusal; its data-field names the input, data-error-for="name" is the place beside it
 *   data-echo="name"    repeats a field of its form: an amount (with data-locale and data-currency, and with what stands in the
 *                       fields of data-plus) or the data-name of the chosen radio
 *   data-echo-with      is hidden while the field of that name says nothing; data-echo-without, while it says something
 *   data-scenario       is sent only while a terminal with data-practice is chosen
 *   data-secret         emptied when its dialog closes
 */
import { announce } from "./speak";

export function startForms(): void {
  document.addEventListener("htmx:afterSwap", (event) => {
    const fresh = event.target instanceof Element ? event.target : null; // what was put in, not where
    const box = fresh?.closest(".form-errors");
    if (box) placeRefusal(box);
    else echo(fresh?.closest("form") ?? null);
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target instanceof HTMLFormElement) clearRefusal(event.target);
  });
  document.addEventListener("input", (event) => {
    const field = event.target;
    if (!(field instanceof HTMLInputElement || field instanceof HTMLSelectElement || field instanceof HTMLTextAreaElement)) return;
    if (field.getAttribute("aria-invalid") === "true") setRight(field);
    echo(field.form);
  });
  document.addEventListener("close", (event) => {
    if (event.target instanceof HTMLDialogElement) forget(event.target);
  }, true);
}

/** The fields of that name, of which one is the place to mend: the chosen radio, or the first. */
function fieldOf(form: HTMLFormElement, name: string): HTMLInputElement | undefined {
  const all = [...form.querySelectorAll<HTMLInputElement>(`[name="${CSS.escape(name)}"]:not([type=hidden])`)];

  return all.find((field) => field.checked) ?? all.find((field) => !field.disabled) ?? all[0];
}

function placeRefusal(box: Element): void {
  const form = box.closest("form");
  const notice = box.querySelector<HTMLElement>("[data-field]");
  if (!form || !notice) return;

  const field = notice.dataset.field ? fieldOf(form, notice.dataset.field) : undefined;
  const place = form.querySelector<HTMLElement>(`[data-error-for="${CSS.escape(notice.dataset.field ?? "")}"]`);
  if (!field || !place) {
    notice.focus();

    return;
  }

  place.textContent = notice.querySelector("[data-sentence]")?.textContent ?? "";
  announce(place.textContent);
  box.replaceChildren();
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", [place.id, field.getAttribute("aria-describedby") ?? ""].join(" ").trim());
  field.closest("details")?.setAttribute("open", "");
  field.focus();
  if (field.type !== "radio") field.select();
}

function setRight(field: Element): void {
  const form = field.closest("form");
  const place = form?.querySelector<HTMLElement>(`[data-error-for="${CSS.escape(field.getAttribute("name") ?? "")}"]`);
  field.removeAttribute("aria-invalid");
  if (!place) return;

  const others = (field.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => id !== "" && id !== place.id);
  if (others.length > 0) field.setAttribute("aria-describedby", others.join(" "));
  else field.removeAttribute("aria-describedby");
  place.textContent = "";
}

function clearRefusal(form: HTMLFormElement): void {
  form.querySelector(".form-errors")?.replaceChildren();
  for (const field of form.querySelectorAll('[aria-invalid="true"]')) setRight(field);
}

/** Brings what a form says of itself up to date with what is in its fields. */
function echo(form: HTMLFormElement | null): void {
  if (!form) return;

  for (const place of form.querySelectorAll<HTMLElement>("[data-echo]")) {
    const field = fieldOf(form, place.dataset.echo ?? "");
    if (field) place.textContent = spoken(field, place);
  }
  for (const place of form.querySelectorAll<HTMLElement>("[data-echo-with]")) {
    const field = fieldOf(form, place.dataset.echoWith ?? "");
    place.hidden = !field || spoken(field, place) === "";
  }
  for (const place of form.querySelectorAll<HTMLElement>("[data-echo-without]")) {
    const field = fieldOf(form, place.dataset.echoWithout ?? "");
    place.hidden = field !== undefined && spoken(field, place) !== "";
  }
  for (const scenario of form.querySelectorAll<HTMLSelectElement>("[data-scenario]")) {
    scenario.disabled = form.querySelector("[data-practice]:checked") === null;
  }
  const radios = [...form.querySelectorAll<HTMLInputElement>("[data-same] input[type=radio]")];
  const submit = form.querySelector<HTMLButtonElement>("[type=submit]");
  if (submit && radios.length > 0) submit.disabled = radios.every((radio) => radio.disabled);
}

function spoken(field: HTMLInputElement, place: HTMLElement): string {
  if (field.type === "radio") return field.checked ? (field.dataset.name ?? field.value) : "";

  const { locale, currency, plus } = place.dataset;
  if (!locale || !currency) return field.value.trim();

  const writer = new Intl.NumberFormat(locale, { style: "currency", currency });
  const digits = writer.resolvedOptions().maximumFractionDigits ?? 2;
  const amount = thousandths(field.value, digits);
  if (amount === undefined) return field.value.trim();

  const form = field.form;
  const more = form && plus ? plus.split(" ").map((name) => thousandths(fieldOf(form, name)?.value ?? "", digits) ?? 0n) : [];
  const sum = more.reduce((all, one) => all + one, amount);
  const exact = `${sum / 1000n}.${String(sum % 1000n).padStart(3, "0")}`;
  // A text is written digit by digit; a number would be rounded to what a float can hold.
  const text = writer.format(exact as unknown as number);

  return text.startsWith("\u200f") ? `${text}\u200e` : text; // as the server writes it: else AU$ would come apart
}

/** An amount that was typed, in thousandths; undefined for what the server might read in another way, such as 1,234. */
function thousandths(typed: string, digits: number): bigint | undefined {
  const [, whole, point = "", comma = ""] = /^(\d{1,15})(?:\.(\d{1,3})|,(\d{1,2}))?$/.exec(typed.trim()) ?? [];
  const part = point || comma;

  return whole === undefined || part.length > digits ? undefined : BigInt(whole + part.padEnd(3, "0"));
}

/** A dialog that closes keeps no secret; one whose form went through starts afresh. */
function forget(dialog: HTMLDialogElement): void {
  for (const secret of dialog.querySelectorAll<HTMLInputElement>("[data-secret]")) secret.value = "";
  for (const form of dialog.querySelectorAll("form")) clearRefusal(form);
}

/** Puts the forms of a dialog back to what the server sent. */
export function reset(dialog: HTMLDialogElement): void {
  for (const form of dialog.querySelectorAll("form")) {
    form.reset();
    echo(form);
  }
}
