/** Arrow keys walk over the AQI calendar; only one day at a time is a stop of the Tab key. */
const STEPS: Record<string, number> = { ArrowUp: -1, ArrowDown: 1, ArrowLeft: -7, ArrowRight: 7 };

function focusOn(cells: SVGElement[], from: number, to: number): void {
  const next = cells[Math.min(Math.max(to, 0), cells.length - 1)];
  if (!next) return;
  cells[from]?.setAttribute("tabindex", "-1");
  next.setAttribute("tabindex", "0");
  next.focus();
}

/** Prepares one calendar: the newest day takes the Tab stop. */
export function walkCalendar(calendar: Element): void {
  const cells = [...calendar.querySelectorAll<SVGElement>("a[data-day]")];
  cells.forEach((cell, i) => cell.setAttribute("tabindex", i === cells.length - 1 ? "0" : "-1"));
  calendar.addEventListener("keydown", (event) => {
    const key = event as KeyboardEvent;
    const step = STEPS[key.key];
    const from = cells.indexOf(key.target as SVGElement);
    if (step === undefined || from < 0) return;
    key.preventDefault();
    focusOn(cells, from, from + step);
  });
}
