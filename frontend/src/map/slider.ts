/** The time slider: levels by hour, the hour chosen, keys, dragging, playing. The page's time is its time. */
import { config, part, say, STATES, type State } from "./config";
import { between, brief, later, long } from "./hours";
import { load } from "./loading";
import { index, on, stations, tell, view } from "./state";

const PACE = 420; // milliseconds an hour stands while playing
let playing: number | undefined;
const slider = part("slider");

/** Go to an hour; the address follows, and frames are fetched when it lies outside of those at hand. */
export function go(hour: string): void {
  view.hour = hour;
  follow();
  if (view.frames && index() === null) void load();
  tell("hour");
}

/** The address, the top bar and the links of the frame hold the same hour. */
function follow(): void {
  const latest = view.hour === config.latest;
  const held = (href: string): string => {
    const at = new URL(href, location.href);
    if (latest) at.searchParams.delete("time"); else at.searchParams.set("time", view.hour);
    return at.pathname + at.search;
  };
  history.replaceState(null, "", held(location.href));
  for (const link of document.querySelectorAll<HTMLAnchorElement>(".rail a, [data-menu=place] a, [data-menu=law] a")) link.href = held(link.href);
  const top = document.querySelector("[data-menu=time] time")!;
  top.textContent = long(view.hour);
  top.setAttribute("datetime", `${view.hour}:00+08:00`);
  top.parentElement!.querySelector<HTMLElement>(".wide")?.toggleAttribute("hidden", !latest);
  document.querySelector<HTMLInputElement>("[data-menu=time] input[name=time]")!.value = `${view.hour}:00`;
  part<HTMLInputElement>("day").value = view.hour.slice(0, 10);
}

function bar(kind: string, at: number, y: number, height: number, width: number): SVGElement {
  const made = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  for (const [name, value] of Object.entries({ class: kind, x: at * width + 0.5, y, width: Math.max(1, width - 1), height })) made.setAttribute(name, String(value));
  return made;
}

/** One hour: levels from the ground up; what is missing is hatched on top. */
function column(at: number, tall: number, width: number): SVGElement[] {
  const counts = new Map<State, number>();
  for (const { id } of stations) {
    const state = (view.frames!.states[id]?.[at] ?? "x") as State;
    counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  let top = tall;
  return [...STATES.slice(0, 6)].reverse().concat(["0", "x"]).flatMap((state) => {
    const height = ((counts.get(state) ?? 0) / stations.length) * tall;
    top -= height;
    return height ? [bar(state === "x" || state === "0" ? "gone" : `a${state}`, at, top, height, width)] : [];
  });
}

function drawBars(): void {
  const { frames } = view;
  if (!frames) return;
  const bars = part<SVGElement>("bars");
  const { width, height } = bars.getBoundingClientRect();
  bars.replaceChildren(...Array.from({ length: frames.hours }, (_, at) => column(at, height, width / frames.hours)).flat());
  const days = Array.from({ length: frames.hours }, (_, at) => [at, later(frames.first, at)] as const).filter(([at, hour]) => hour.endsWith("T00") || at === 0);
  part("days").replaceChildren(...days.filter(([at], place) => place > 0 || !days[1] || days[1][0] - at > 5).map(([at, hour]) => {
    const made = Object.assign(document.createElement("span"), { textContent: hour.slice(5, 10) });
    made.style.left = `${(at / frames.hours) * 100}%`;
    return made;
  }));
  slider.setAttribute("aria-valuemax", String(frames.hours - 1));
}

function drawKnob(): void {
  const at = index();
  const knob = part("knob");
  knob.hidden = at === null;
  if (at === null) return;
  const share = (at + 0.5) / view.frames!.hours;
  knob.style.left = `${share * 100}%`;
  knob.style.setProperty("--share", String(share));
  part("knob-text").textContent = brief(view.hour);
  slider.setAttribute("aria-valuenow", String(at));
  slider.setAttribute("aria-valuetext", long(view.hour));
}

function step(hours: number): void {
  const next = later(view.hour, hours);
  go(between(next, config.latest) < 0 ? config.latest : next);
}

function pointed(event: PointerEvent): void {
  if (!view.frames) return;
  const { left, width } = slider.getBoundingClientRect();
  const at = Math.floor(((event.clientX - left) / width) * view.frames.hours);
  const hour = later(view.frames.first, Math.max(0, Math.min(view.frames.hours - 1, at)));
  if (hour !== view.hour && between(hour, config.latest) >= 0) go(hour);
}

function drag(): void {
  slider.addEventListener("pointerdown", (event) => { slider.setPointerCapture(event.pointerId); pause(); pointed(event); });
  slider.addEventListener("pointermove", (event) => { if (slider.hasPointerCapture(event.pointerId)) pointed(event); });
}

function mark(on: boolean): void {
  const button = part("play");
  button.setAttribute("aria-pressed", String(on));
  button.setAttribute("aria-label", say(on ? "pause" : "play"));
}

function pause(): void {
  clearInterval(playing);
  playing = undefined;
  mark(false);
}

/** Play only when asked; from the first hour at hand when the last is shown; ends at the last. */
export function play(): void {
  if (playing !== undefined || !view.frames) return pause();
  const last = later(view.frames.first, view.frames.hours - 1);
  if (between(view.hour, last) <= 0) go(view.frames.first);
  mark(true);
  playing = window.setInterval(() => { if (between(view.hour, last) <= 0) pause(); else step(1); }, PACE);
}

/** Keys of time: arrows an hour, with Shift a day; Home and End of what is at hand. */
export function timeKey(key: string, shift: boolean): boolean {
  const hours = shift ? 24 : 1;
  if (key === "ArrowLeft") step(-hours);
  else if (key === "ArrowRight") step(hours);
  else if (key === "Home" && view.frames) go(view.frames.first);
  else if (key === "End") go(config.latest);
  else return false;
  pause();
  return true;
}

function chooseDay(event: Event): void {
  const day = (event.target as HTMLInputElement).value;
  if (!day) return;
  const hour = `${day}T${view.hour.slice(11)}`;
  go(between(hour, config.latest) < 0 ? config.latest : hour);
}

export function startSlider(): void {
  on(["frames"], () => { drawBars(); drawKnob(); });
  on(["hour"], drawKnob);
  new ResizeObserver(drawBars).observe(part<SVGElement>("bars"));
  drag();
  part("play").addEventListener("click", play);
  part("day").addEventListener("change", chooseDay);
}
