/**
 * What stands where something is being read. An element with data-skeleton="panel|form|list" whose content somebody asked for
 * shows grey bars of about its size, and aria-busy, until the answer is there. What was in it is hidden and not thrown away:
 * a refusal brings it back. An answer that comes at once is not preceded by a flash, but a dialog never shows what it held
 * before, and what was sent takes the place of its panel while the hand is still on the button: nothing moves later.
 */
const patience = 150;

const shapes: Record<string, string[]> = {
  panel: ["skeleton-title", "", "", "skeleton-button"],
  form: ["skeleton-title", "skeleton-field", "skeleton-field", "skeleton-button"],
  list: ["skeleton-row", "skeleton-row", "skeleton-row", "skeleton-row"],
};

interface Sent {
  requestConfig: { verb: string; target: Element }; // its target is the one meant, whatever the answer says
}

const waiting = new Map<HTMLElement, number>();

export function startWaiting(): void {
  document.addEventListener("htmx:beforeSend", (event) => {
    const { target, verb } = (event as CustomEvent<Sent>).detail.requestConfig;
    if (!(target instanceof HTMLElement) || !target.dataset.skeleton || (verb !== "get" && target.dataset.skeleton !== "panel")) return;
    if (event.target instanceof Element && target.contains(event.target) && !event.target.closest(".tabs")) return; // it has a sign of its own

    window.clearTimeout(waiting.get(target));
    waiting.set(target, window.setTimeout(() => { show(target); }, target.matches("dialog") || verb !== "get" ? 0 : patience));
  });
  for (const over of ["htmx:beforeSwap", "htmx:sendError", "htmx:timeout", "htmx:sendAbort"]) {
    document.addEventListener(over, (event) => {
      const { target } = (event as CustomEvent<Sent>).detail.requestConfig;
      if (target instanceof HTMLElement) clear(target);
    });
  }
}

function show(target: HTMLElement): void {
  target.setAttribute("aria-busy", "true");
  if (target.querySelector(":scope > .skeleton-room")) return;

  const room = Object.assign(document.createElement("div"), { className: "skeleton-room card card-body stack" });
  room.setAttribute("aria-hidden", "true");
  for (const shape of shapes[target.dataset.skeleton ?? ""] ?? []) {
    room.append(Object.assign(document.createElement("span"), { className: `skeleton ${shape}`.trim() }));
  }
  target.append(room);
}

function clear(target: HTMLElement): void {
  window.clearTimeout(waiting.get(target));
  waiting.delete(target);
  target.removeAttribute("aria-busy");
  target.querySelector(":scope > .skeleton-room")?.remove();
}
