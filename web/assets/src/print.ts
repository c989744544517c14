/**
 * Prints a slip. The server's answer puts a sheet into #print-room; while it is there, the style prints it and nothing
 * else of the page. The width is the person's choice and stays for the next slip of this visit.
 */
const room = "#print-room";

let width = "80";

function sheet(): HTMLElement | null {
  return document.querySelector<HTMLElement>(`${room} .print-sheet`);
}

export function startPrinting(): void {
  document.addEventListener("change", (event) => {
    const choice = event.target;
    if (choice instanceof HTMLSelectElement && choice.matches("[data-print-width]")) width = choice.value;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (!(event.target instanceof Element) || !event.target.matches(room)) return;

    sheet()?.setAttribute("data-width", width);
    window.print();
  });
  window.addEventListener("afterprint", () => { document.querySelector(room)?.replaceChildren(); });
}
