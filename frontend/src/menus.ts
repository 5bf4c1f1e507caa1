/** Menus of the top bar close when something else is pressed; the phone's sheet of further pages. */
function outside(event: Event): void {
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details.menu[open]"))
    if (!menu.contains(event.target as Node)) menu.open = false;
}

function escape(event: KeyboardEvent): void {
  if (event.key !== "Escape") return;
  const menu = document.querySelector<HTMLDetailsElement>("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary")?.focus();
}

function toggleSheet(event: Event): void {
  const button = event.currentTarget as HTMLElement;
  const sheet = document.getElementById("more")!;
  sheet.hidden = !sheet.hidden;
  button.setAttribute("aria-expanded", String(!sheet.hidden));
}

export function startMenus(): void {
  document.addEventListener("click", outside);
  document.addEventListener("keydown", escape);
  document.querySelector("[data-more]")?.addEventListener("click", toggleSheet);
  for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => print());
}
