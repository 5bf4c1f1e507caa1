/** The panel of the chosen point: a part of the page by the server, fetched anew when the hour changes. */
import { address, config, say } from "./config";
import { on, view } from "./state";
import { choose } from "./canvas";

const panel = document.getElementById("point")!;
const SETTLE = 120; // milliseconds an hour stands before its numbers are fetched
let waiting: number | undefined;
let asked = 0;

async function fetchPanel(id: string): Promise<void> {
  const mine = ++asked;
  const answer = await fetch(address(config.panel.replace("CODE", encodeURIComponent(id)), view.hour));
  if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
  const text = await answer.text();
  if (mine !== asked || view.chosen !== id) return;
  panel.replaceChildren(document.createRange().createContextualFragment(text));
  panel.dataset.hour = view.hour;
}

function failed(): void {
  const note = Object.assign(document.createElement("p"), { className: "note unknown", textContent: say("panel_failed") });
  panel.replaceChildren(note);
}

function refresh(): void {
  const id = view.chosen;
  if (id) fetchPanel(id).catch(failed);
}

function opened(): void {
  panel.hidden = view.chosen === null;
  document.getElementById("main")!.classList.toggle("with-point", view.chosen !== null);
  if (!view.chosen) return panel.replaceChildren();
  refresh();
}

export function startPanel(): void {
  on(["chosen"], opened);
  on(["hour"], () => { clearTimeout(waiting); waiting = window.setTimeout(refresh, SETTLE); });
  panel.addEventListener("click", (event) => {
    if ((event.target as Element).closest("[data-shut]")) { choose(null); document.getElementById("main")!.focus(); }
  });
}
