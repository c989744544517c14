/**
 * Prints a slip. The server's answer puts a sheet into #print-room; while it is there, the style prints it and nothing
 * else of the page. The width is the person's choice and stays for the next slip of this visit.
 */
const room = "#print-room";

const choices = "select[data-print-width]";

let width = "80";

function sheet(): HTMLElement | null {
  return document.querySelector<HTMLElement>(`${room} .print-sheet`);
}

function show(root: ParentNode): void {
  for (const choice of root.querySelectorAll<HTMLSelectElement>(choices)) choice.value = width;
}

export function startPrinting(): void {
  document.addEventListener("change", (event) => {
    const choice = event.target;
    if (!(choice instanceof HTMLSelectElement) || !choice.matches(choices)) return;

    width = choice.value;
    show(document);
  });
  // A slip that is folded out says what it would be printed on.
  document.addEventListener("toggle", (event) => { if (event.target instanceof Element) show(event.target); }, true);
  document.addEventListener("htmx:afterSwap", (event) => {
    if (!(event.target instanceof Element) || !event.target.matches(room)) return;

    const { requestConfig } = (event as CustomEvent<{ requestConfig?: { elt: Element } }>).detail;
    width = requestConfig?.elt.parentElement?.querySelector<HTMLSelectElement>(choices)?.value ?? width;
    sheet()?.setAttribute("data-width", width);
    window.print();
  });
  window.addEventListener("afterprint", () => { document.querySelector(room)?.replaceChildren(); });
}
