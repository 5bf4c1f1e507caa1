/** The review of a plan: walking items by keyboard, the text beside them scrolled to and marked at the item's place. */
const list = document.querySelector<HTMLElement>("[data-review]")!;
const pane = document.querySelector<HTMLElement>("[data-source]");
const text = pane?.textContent ?? "";
/** Characters beyond the basic plane are two units here and one in the item's place. */
const units = /[\ud800-\udfff]/.test(text) ? startsOf(text) : null;
const at = (place: number): number => (units ? (units[place] ?? text.length) : place);

function startsOf(whole: string): number[] {
  const starts: number[] = [];
  let unit = 0;
  for (const sign of whole) { starts.push(unit); unit += sign.length; }
  return starts;
}

const items = (): HTMLElement[] => [...list.querySelectorAll<HTMLElement>("[data-item]")];
const present = (): HTMLElement | null => list.querySelector<HTMLElement>("[data-item][aria-current]");

function mark(item: HTMLElement): void {
  if (!pane) return;
  const { start, end } = item.dataset;
  if (start === undefined || end === undefined) { pane.replaceChildren(text); return; }
  const marked = document.createElement("mark");
  marked.textContent = text.slice(at(+start), at(+end));
  pane.replaceChildren(text.slice(0, at(+start)), marked, text.slice(at(+end)));
  pane.scrollTop += marked.getBoundingClientRect().top - pane.getBoundingClientRect().top - pane.clientHeight / 4;
}

function choose(item: HTMLElement | undefined, move = true): void {
  if (!item) return;
  present()?.removeAttribute("aria-current");
  item.setAttribute("aria-current", "true");
  if (move) { item.focus({ preventScroll: true }); item.scrollIntoView({ block: "nearest" }); }
  mark(item);
}

function step(by: number): void {
  const all = items();
  const now = present();
  choose(all[Math.min(all.length - 1, Math.max(0, (now ? all.indexOf(now) : -1) + by))]);
}

const press = (query: string): void => present()?.querySelector<HTMLElement>(query)?.click();
const typing = (event: KeyboardEvent): boolean =>
  event.ctrlKey || event.metaKey || event.altKey || (event.target as Element).matches("input, select, textarea") || !!document.querySelector("dialog[open]");

const KEYS: Record<string, () => void> = {
  j: () => step(1),
  k: () => step(-1),
  e: () => press("[data-edit]"),
  x: () => press("[data-reject]"),
  u: () => document.querySelector<HTMLElement>("[data-undo]")?.click(),
};

function pressed(event: KeyboardEvent): void {
  if (event.key === "Escape" && (event.target as Element).closest("[data-form]")) { document.querySelector<HTMLElement>("[data-cancel]")?.click(); return; }
  if (typing(event)) return;
  if (event.key === "Enter" && !(event.target as Element).matches("a, button, summary")) { event.preventDefault(); press("[data-confirm]"); }
  const choice = /^[1-9]$/.test(event.key) ? present()?.querySelectorAll<HTMLElement>("[data-choice]")[+event.key - 1] : null;
  if (choice) choice.click();
  KEYS[event.key]?.();
}

/** After an act the line is a new element: it stays the chosen one, or the next that waits is. */
let acted: { id: string; on: boolean } | null = null;
function settled(): void {
  if (!acted) return;
  const line = document.getElementById(acted.id);
  const on = acted.on && line?.dataset.state !== "open" && line?.dataset.state !== "doubtful";
  acted = null;
  const all = items();
  const next = line && on ? (all.slice(all.indexOf(line) + 1).find((each) => ["open", "doubtful"].includes(each.dataset.state!)) ?? line) : line;
  choose(next ?? undefined);
}

list.addEventListener("click", (event) => {
  const target = event.target as HTMLElement;
  const item = target.closest<HTMLElement>("[data-item]");
  if (!item) return;
  if (target.closest("button")) acted = { id: item.id, on: !target.closest("[data-edit]") };
  if (item !== present()) choose(item, false);
});
list.addEventListener("submit", (event) => { acted = { id: (event.target as HTMLElement).closest<HTMLElement>("[data-item]")!.id, on: true }; });
new MutationObserver(settled).observe(list, { childList: true, subtree: true });
/** Splitting needs the place of the cursor. */
document.addEventListener("htmx:config:request", (event) => {
  const button = (event.target as HTMLElement).closest?.("[data-split]");
  const field = button?.closest("form")?.querySelector<HTMLTextAreaElement>("[data-text]");
  const { ctx } = (event as CustomEvent).detail;
  if (button && field) ctx.request.body.set("at", String([...field.value.slice(0, field.selectionStart)].length));
});
document.addEventListener("keydown", pressed);
choose((location.hash && document.querySelector<HTMLElement>(location.hash)) || items().find((each) => each.dataset.state === "doubtful") || items()[0], !!location.hash);
