/** Fetching the frames, and saying so when the answer fails or holds nothing. */
import { address, config, part, say, type Frames } from "./config";
import { long } from "./hours";
import { index, on, stateOf, stations, tell, view } from "./state";

let asked = 0;
let last = view.hour;

/** Fetch the frames around the hour shown, for who may see them; an answer overtaken by a newer question is dropped. */
export async function load(): Promise<void> {
  if (!config.frames) { document.getElementById("main")!.setAttribute("aria-busy", "false"); return; }
  const mine = ++asked;
  document.getElementById("main")!.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(address(config.frames, view.hour));
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    const frames = (await answer.json()) as Frames;
    if (mine === asked) { view.frames = frames; last = view.hour; note(""); tell("frames"); }
  } catch {
    if (mine === asked) {
      note(view.frames ? say("not_asked", { hour: long(last) }) : say("never_asked"), true);
      tell("hour");
    }
  }
  if (mine === asked) document.getElementById("main")!.setAttribute("aria-busy", "false");
}

/** A note over the map about what could not be asked; none for an empty text. */
export function note(text: string, again = false): void {
  part("note").hidden = !text;
  part("note-text").textContent = text;
  part("again").hidden = !again;
}

/** An hour at which no station has a result says so and offers the latest. */
function empty(): void {
  const none = index() !== null && !stations.some(({ id }) => !"0x".includes(stateOf(id)));
  part("none").hidden = !none;
  if (none) part("none-text").textContent = say("no_hour", { hour: long(view.hour) });
}

export function startLoading(): void {
  on(["frames", "hour"], empty);
  part("again").addEventListener("click", () => void load());
}
