/** Search (Ctrl K): stations, cities and pages; arrows choose, Enter goes. */
import { text } from "./texts";

interface Hit { title: string; kind: string; url: string; icon: string }

const palette = (): HTMLDialogElement => document.getElementById("palette") as HTMLDialogElement;
const list = (): HTMLUListElement => document.getElementById("palette-hits") as HTMLUListElement;
let chosen = 0;
let asked = 0;

function choose(index: number): void {
  const items = [...list().children];
  if (!items.length) return;
  chosen = (index + items.length) % items.length;
  items.forEach((item, at) => item.setAttribute("aria-selected", String(at === chosen)));
  items[chosen]?.scrollIntoView({ block: "nearest" });
}

function line(hit: Hit): HTMLLIElement {
  const item = document.createElement("li");
  item.setAttribute("role", "option");
  item.innerHTML = `<a tabindex="-1"><svg class="i" aria-hidden="true" viewBox="0 0 20 20"><use/></svg><span></span><span class="m"></span></a>`;
  item.querySelector("a")!.href = hit.url;
  item.querySelector("use")!.setAttribute("href", `#i-${hit.icon}`);
  const [title, kind] = item.querySelectorAll("span");
  title!.textContent = hit.title;
  kind!.textContent = hit.kind;
  return item;
}

async function ask(words: string): Promise<void> {
  const turn = ++asked;
  const address = new URL(palette().dataset["url"] ?? "", location.href);
  address.searchParams.set("q", words);
  const note = palette().querySelector<HTMLElement>(":scope > .m")!;
  try {
    const answer = await fetch(address);
    const { hits } = (await answer.json()) as { hits: Hit[] };
    if (turn !== asked) return;
    list().replaceChildren(...hits.map(line));
    note.textContent = hits.length ? "" : text("nothing_found");
    choose(0);
  } catch {
    note.textContent = text("failed");
  }
}

function open(): void {
  if (!palette().dataset["url"] || palette().open) return;
  palette().showModal();
  palette().querySelector("input")!.select();
  void ask(palette().querySelector("input")!.value);
}

function pressed(event: KeyboardEvent): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) { event.preventDefault(); choose(chosen + step); }
  if (event.key === "Enter") list().children[chosen]?.querySelector("a")?.click();
}

export function startSearch(): void {
  if (!document.querySelector("[data-find]")) return;
  const input = palette().querySelector("input")!;
  let pause = 0;
  document.querySelector("[data-find]")!.addEventListener("click", open);
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") { event.preventDefault(); open(); }
  });
  input.addEventListener("keydown", pressed);
  input.addEventListener("input", () => { clearTimeout(pause); pause = window.setTimeout(() => void ask(input.value), 120); });
  palette().addEventListener("click", (event) => { if (event.target === palette()) palette().close(); });
}
