/** Light and dark: follow the system unless the person chose; tell charts and maps when it changes. */
const root = document.documentElement;
const system = matchMedia("(prefers-color-scheme: dark)");
const choices = ["", "light", "dark"] as const;

/** Whether the page is dark now. */
export const isDark = (): boolean => root.classList.contains("dark") || (system.matches && !root.classList.contains("light"));

/** The value of a design token, e.g. `token("s1")`. */
export const token = (name: string): string => getComputedStyle(root).getPropertyValue(`--${name}`).trim();

/** Run `act` whenever the light changes. */
export const onLight = (act: () => void): void => document.addEventListener("light", act);

const tell = (): boolean => document.dispatchEvent(new Event("light"));

function choose(): void {
  const present = choices.findIndex((name) => name !== "" && root.classList.contains(name));
  const order = system.matches ? ["", "light", "dark"] : ["", "dark", "light"];
  const next = order[(order.indexOf(present < 0 ? "" : (choices[present] ?? "")) + 1) % 3] ?? "";
  root.classList.remove("light", "dark");
  if (next) root.classList.add(next);
  document.cookie = `theme=${next};path=/;max-age=${next ? 31536000 : 0};samesite=lax`;
  tell();
}

/** Paper is white: print in the light set, then go back to what was on screen. */
function printLight(): void {
  let before = "";
  addEventListener("beforeprint", () => {
    before = root.className;
    root.classList.remove("dark");
    root.classList.add("light");
    tell();
  });
  addEventListener("afterprint", () => {
    root.className = before;
    tell();
  });
}

export function startLight(): void {
  printLight();
  system.addEventListener("change", tell);
  document.querySelector("[data-theme-switch]")?.addEventListener("click", choose);
}
