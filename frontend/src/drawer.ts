/** The drawer: a dotted number opens its trace beside the page; Esc closes it and gives the focus back. */
import htmx from "htmx.org";
import { text } from "./texts";

let opener: HTMLElement | null = null;
const drawer = (): HTMLElement | null => document.getElementById("drawer");

function show(content: Node): void {
  const place = drawer();
  if (!place) return;
  place.replaceChildren(content);
  place.hidden = false;
  place.parentElement?.classList.add("opened");
  htmx.process(place);
  document.dispatchEvent(new CustomEvent("part", { detail: place }));
}

function close(): void {
  const place = drawer();
  if (!place || place.hidden) return;
  place.hidden = true;
  place.parentElement?.classList.remove("opened");
  opener?.focus();
}

const waiting = (): Node => (document.getElementById("wait") as HTMLTemplateElement).content.cloneNode(true);

function failure(): Node {
  const note = document.createElement("p");
  note.className = "note unknown";
  note.textContent = text("failed");
  return note;
}

/** Fetch a part of a page into the drawer. */
export async function openDrawer(address: string, from?: HTMLElement): Promise<void> {
  const asked = from ?? (document.activeElement as HTMLElement | null);
  // a step inside the drawer replaces it: the focus goes back to what opened the drawer first
  if (!drawer()?.contains(asked)) opener = asked;
  show(waiting());
  try {
    const answer = await fetch(address, { headers: { "HX-Request": "true" } });
    // 400 is an answer in words (nothing to trace, and what to do), the rest is a failure
    if (answer.redirected || (!answer.ok && answer.status !== 400)) throw new Error(String(answer.status));
    show(document.createRange().createContextualFragment(await answer.text()));
    drawer()?.focus({ preventScroll: true });
  } catch {
    show(failure());
  }
}

function clicked(event: MouseEvent): void {
  const target = event.target as Element;
  if (target.closest("[data-close]")) return close();
  const link = target.closest<HTMLAnchorElement>("a[data-trace]");
  if (!link || !drawer() || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  void openDrawer(link.getAttribute("href")!, link); // of a link in a drawing, href is no text
}

export function startDrawer(): void {
  document.addEventListener("click", clicked);
  document.addEventListener("keydown", (event) => event.key === "Escape" && close());
}
