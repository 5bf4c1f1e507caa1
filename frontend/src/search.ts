/** Search (Ctrl K): what one may see, grouped by what it is; arrows choose, Enter goes. */
import { text } from "./texts";

interface Hit { title: string; kind: string; url: string; icon: string; group: string }

const palette = (): HTMLDialogElement => document.getElementById("palette") as HTMLDialogElement;
const list = (): HTMLUListElement => document.getElementById("palette-hits") as HTMLUListElement;
const options = (): HTMLAnchorElement[] => [...list().querySelectorAll<HTMLAnchorElement>("[role=option]")];
let chosen = 0;
let asked = 0;

function choose(index: number): void {
  const items = options();
  if (!items.length) return;
  chosen = (index + items.length) % items.length;
  items.forEach((item, at) => item.setAttribute("aria-selected", String(at === chosen)));
  items[chosen]?.scrollIntoView({ block: "nearest" });
  palette().querySelector("input")!.setAttribute("aria-activedescendant", items[chosen]!.id);
}

function line(hit: Hit, at: number): HTMLAnchorElement {
  const item = Object.assign(document.createElement("a"), { href: hit.url, tabIndex: -1, id: `hit-${at}` });
  item.setAttribute("role", "option");
  item.innerHTML = `<svg class="i" aria-hidden="true" viewBox="0 0 20 20"><use/></svg><span></span><span class="m"></span>`;
  item.querySelector("use")!.setAttribute("href", `#i-${hit.icon}`);
  const [title, kind] = item.querySelectorAll("span");
  title!.textContent = hit.title;
  kind!.textContent = hit.kind;
  return item;
}

/** The hits of one kind under its name. */
function group(name: string, lines: HTMLAnchorElement[]): HTMLLIElement {
  const made = document.createElement("li");
  made.setAttribute("role", "group");
  made.setAttribute("aria-label", name);
  const head = Object.assign(document.createElement("span"), { className: "gh", textContent: name });
  head.setAttribute("aria-hidden", "true");
  made.append(head, ...lines);
  return made;
}

function grouped(hits: Hit[]): HTMLLIElement[] {
  const lines = hits.map(line);
  const names = [...new Set(hits.map((hit) => hit.group))];
  return names.map((name) => group(name, lines.filter((_, at) => hits[at]!.group === name)));
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
    list().replaceChildren(...grouped(hits));
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
  if (event.key === "Enter") options()[chosen]?.click();
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
