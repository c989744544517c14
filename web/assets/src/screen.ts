/**
 * What a click does without the server: dialogs, the portal's pickers and pages. All by data attributes, because the
 * page's policy forbids inline code:
 *   data-dialog="#id" opens, with data-skip="terminal" another terminal than that chosen · data-close closes · data-open-path="/crm/…" · data-select-users="#field" · data-print
 *   data-dismiss="#where" takes the live panel around it away and moves focus there · data-remove takes its tag away
 */
import { reset } from "./forms";
import { openPath, selectUsers, type PortalUser } from "./frame";
import { toast, type Tone } from "./toast";
import { word } from "./words";

export function startScreen(): void {
  document.addEventListener("click", (event) => {
    const from = event.target instanceof Element ? event.target : null;
    const hit = (name: string) => from?.closest<HTMLElement>(`[${name}]`);

    const opener = hit("data-dialog");
    if (opener) openDialog(opener);
    else wanted = null;
    if (hit("data-close")) from?.closest("dialog")?.close();
    if (hit("data-print")) window.print();
    if (hit("data-remove")) from?.closest(".tag")?.remove();

    const dismiss = hit("data-dismiss");
    if (dismiss) dismissPanel(dismiss);

    const link = hit("data-open-path");
    if (link) void showPath(event, link);

    const picker = hit("data-select-users");
    if (picker) void pickUsers(picker);
  });

  // The server's answer may carry HX-Trigger: {"toast":{"tone":"ok","text":"…"}} or "close-dialog".
  document.addEventListener("toast", (event) => {
    const { tone, text } = (event as CustomEvent<{ tone?: Tone; text?: string }>).detail;
    if (text) toast(tone ?? "info", text);
  });
  document.addEventListener("close-dialog", () => {
    for (const dialog of document.querySelectorAll<HTMLDialogElement>("dialog[open]")) {
      reset(dialog);
      dialog.close();
    }
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (wanted?.isConnected) openDialog(wanted);

    const dialog = event.target;
    if (dialog instanceof HTMLDialogElement && dialog.open && (document.activeElement === dialog || document.activeElement === document.body)) focusFirst(dialog);
  });
}

/** The button whose dialog is not there yet: a live panel may be faster than the list that brings the form. */
let wanted: HTMLElement | null = null;

/** Chooses another terminal than the one that was just refused, when there is one. */
function skip(dialog: HTMLDialogElement, terminal?: string): void {
  if (!terminal) return;

  const others = [...dialog.querySelectorAll<HTMLInputElement>("input[name=terminal]:enabled")];
  const other = others.find((radio) => radio.value !== terminal);
  if (!other) return;

  other.checked = true;
  other.dispatchEvent(new Event("input", { bubbles: true })); // the button repeats the choice
}

/** Opens a dialog near the button: in a frame that is taller than the window the middle may be out of sight. */
function openDialog(opener: HTMLElement): void {
  const dialog = document.querySelector<HTMLDialogElement>(opener.dataset.dialog ?? "");
  wanted = dialog ? null : opener;
  if (!dialog || dialog.open) return;

  const anchor = opener.getBoundingClientRect().top;
  skip(dialog, opener.dataset.skip);
  dialog.showModal();
  place(dialog, anchor);
  const settle = new ResizeObserver(() => place(dialog, anchor)); // the dialog's own errors, and the frame that grows for it
  settle.observe(dialog);
  settle.observe(document.body);
  dialog.addEventListener("close", () => settle.disconnect(), { once: true });
  focusFirst(dialog);
  dialog.dispatchEvent(new CustomEvent("dialog:opened"));
}

/** Moves focus to where the work in a dialog begins; again when what it shows has come later than the dialog. */
function focusFirst(dialog: HTMLDialogElement): void {
  const first = dialog.querySelector<HTMLElement>("[data-first]") ?? dialog.querySelector<HTMLElement>("input[type=radio]:checked") ??
    dialog.querySelector<HTMLElement>("input:not([type=hidden], :disabled), select, textarea");
  first?.focus();
}

/** Near where the button was, and never out of the frame; the page makes room for a dialog that is higher than it. */
function place(dialog: HTMLDialogElement, anchor: number): void {
  const margin = 16;
  const height = Math.min(dialog.scrollHeight, 900);
  const top = Math.max(margin, Math.min(anchor - 160, window.innerHeight - height - margin));
  dialog.style.setProperty("--dialog-top", `${Math.round(top)}px`);
  document.body.style.setProperty("--dialog-room", `${Math.round(height + 2 * margin)}px`);
}

function dismissPanel(from: HTMLElement): void {
  from.closest("[data-payment-stream]")?.remove();
  document.querySelector<HTMLElement>(from.dataset.dismiss ?? "")?.focus();
}

/** Follows the link in the portal's slider; afterwards "path:closed" on the link lets the list read again. */
async function showPath(event: Event, link: HTMLElement): Promise<void> {
  event.preventDefault();
  if (await openPath(link.dataset.openPath ?? "")) link.dispatchEvent(new CustomEvent("path:closed", { bubbles: true }));
}

/** Fills the field with the picked people: a visible name and a hidden input (named by data-name) for each. */
async function pickUsers(picker: HTMLElement): Promise<void> {
  const field = document.querySelector<HTMLElement>(picker.dataset.selectUsers ?? "");
  const users = await selectUsers();
  if (!field || !users) return;

  field.replaceChildren(...users.map((user) => userTag(user, field.dataset.name ?? "users")));
  picker.dispatchEvent(new CustomEvent("users:picked", { bubbles: true, detail: users }));
}

function userTag(user: PortalUser, name: string): HTMLElement {
  const tag = Object.assign(document.createElement("span"), { className: "tag", textContent: user.name });
  tag.append(Object.assign(document.createElement("input"), { type: "hidden", name, value: user.id }));

  const remove = Object.assign(document.createElement("button"), { type: "button", className: "tag-remove" });
  remove.dataset.remove = "";
  remove.setAttribute("aria-label", `${word("remove")} ${user.name}`);
  remove.append(Object.assign(document.createElement("span"), { className: "icon icon-cross", ariaHidden: "true" }));
  tag.append(remove);

  return tag;
}
