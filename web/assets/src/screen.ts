/**
 * What a click does without the server: dialogs, the portal's pickers and pages. All by data attributes, because the
 * page's policy forbids inline code:
 *   data-dialog="#id" opens · data-close closes · data-open-path="/crm/…" · data-select-users="#field" · data-print
 */
import { openPath, selectUsers, type PortalUser } from "./frame";
import { toast, type Tone } from "./toast";

export function startScreen(): void {
  document.addEventListener("click", (event) => {
    const from = event.target instanceof Element ? event.target : null;
    const hit = (name: string) => from?.closest<HTMLElement>(`[${name}]`);

    const opener = hit("data-dialog");
    if (opener) openDialog(opener);
    if (hit("data-close")) from?.closest("dialog")?.close();
    if (hit("data-print")) window.print();

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
    for (const dialog of document.querySelectorAll("dialog")) dialog.close();
  });
}

/** Opens a dialog near the button: in a frame that is taller than the window the middle may be out of sight. */
function openDialog(opener: HTMLElement): void {
  const dialog = document.querySelector<HTMLDialogElement>(opener.dataset.dialog ?? "");
  if (!dialog || dialog.open) return;

  dialog.style.setProperty("--anchor-y", `${Math.round(opener.getBoundingClientRect().top)}px`);
  dialog.showModal();
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

  return tag;
}
