/**
 * Which answers may replace what stands in the page.
 *   data-hold           not replaced while one of its dialogs is open or somebody types in it; its own trigger is pulled afterwards
 *   data-same="names"   not replaced when a field of such a name was changed since the request left
 * A fold with an id that somebody opened stays open in what replaces it.
 */
import htmx from "htmx.org";

interface SwapDetail {
  target: Element;
  xhr: XMLHttpRequest;
  shouldSwap: boolean;
  requestConfig: { parameters: Record<string, unknown> };
}

const stale = new WeakSet<Element>();

/** The folds that stood open in what an answer is about to replace. */
const folds = new WeakMap<XMLHttpRequest, string[]>();

export function startHold(): void {
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { detail } = event as CustomEvent<SwapDetail>;
    if (held(detail.target)) {
      stale.add(detail.target);
      detail.shouldSwap = false;
    } else if (changed(detail)) detail.shouldSwap = false;
    else folds.set(detail.xhr, [...detail.target.querySelectorAll("details[open][id]")].map((fold) => fold.id));
  });
  // Not before: until then htmx gives an element the attributes of the one with its id that went.
  document.addEventListener("htmx:afterSettle", (event) => {
    for (const id of folds.get((event as CustomEvent<SwapDetail>).detail.xhr) ?? [])
      document.getElementById(id)?.setAttribute("open", "");
  });
  document.addEventListener("close", (event) => {
    const dialog = event.target;
    if (dialog instanceof HTMLDialogElement) catchUp(dialog);
  }, true);
}

function held(target: Element): boolean {
  return target.matches("[data-hold]") && target.querySelector("dialog[open]") !== null;
}

function changed(detail: SwapDetail): boolean {
  const names = detail.target instanceof HTMLElement ? detail.target.dataset.same : undefined;
  if (!names) return false;

  return names.split(" ").some((name) => {
    const escaped = CSS.escape(name);
    const field = detail.target.querySelector<HTMLInputElement | HTMLSelectElement>(`[name="${escaped}"]:checked, select[name="${escaped}"]:enabled`);

    return (field?.value ?? "") !== String(detail.requestConfig.parameters[name] ?? "");
  });
}

/** What was not shown because of this dialog is fetched now. */
function catchUp(dialog: HTMLDialogElement): void {
  for (let part = dialog.closest("[data-hold]"); part; part = part.parentElement?.closest("[data-hold]") ?? null) {
    const path = part.getAttribute("hx-get");
    if (!stale.has(part) || path === null || part.querySelector("dialog[open]")) continue;

    stale.delete(part);
    void htmx.ajax("get", path, { source: part, target: part, swap: "outerHTML" });
  }
}
