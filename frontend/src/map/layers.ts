/** The layer panel: what is switched on, the legend with counts; a press on a class filters it. */
import { part, say, STATES, type State } from "./config";
import { on, stateOf, stations, tell, view, visible } from "./state";

const classes = (): HTMLButtonElement[] => [...document.querySelectorAll<HTMLButtonElement>("[data-class]")];

function switched(event: Event): void {
  const box = event.target as HTMLInputElement;
  view.layers[box.dataset.layer!] = box.checked;
  tell("layers");
}

function filter(state: State): void {
  if (!view.classes.delete(state)) view.classes.add(state);
  tell("classes");
}

function counts(): void {
  for (const state of STATES) {
    const found = stations.filter(({ id }) => stateOf(id) === state).length;
    document.querySelector(`[data-count="${state}"]`)!.textContent = String(found);
  }
  for (const button of classes()) {
    const off = view.classes.size > 0 && !view.classes.has(button.dataset.class as State);
    button.setAttribute("aria-pressed", String(view.classes.has(button.dataset.class as State)));
    button.classList.toggle("off", off);
  }
  part("all").hidden = view.classes.size === 0;
  const shown = stations.filter(visible).length;
  part("shown").textContent = view.classes.size ? say("shown", { count: shown, total: stations.length }) : "";
}

export function startLayers(): void {
  for (const box of document.querySelectorAll("[data-layer]")) box.addEventListener("change", switched);
  for (const button of classes()) button.addEventListener("click", () => filter(button.dataset.class as State));
  part("all").addEventListener("click", () => { view.classes.clear(); tell("classes"); });
  const sheet = part<HTMLButtonElement>("layers");
  sheet.addEventListener("click", () => {
    const open = document.getElementById("layers")!.classList.toggle("open");
    sheet.setAttribute("aria-expanded", String(open));
  });
  on(["frames", "hour", "classes", "layers"], counts);
}
