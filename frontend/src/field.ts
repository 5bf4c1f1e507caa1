/** The pages of a grid member: tasks, one task, what waits for the network. One page that also opens without a network. */
import { compressed, clock } from "./field/photos";
import { forget, keep, kept, type Act, type Photo } from "./field/queue";
import { sync } from "./field/sync";
import { fetched, left, type Task, type Tasks } from "./field/tasks";
import { block, text } from "./texts";

const config = block<{ tasks: string; act: string; worker: string; scope: string }>("field-config")!;
const root = document.querySelector<HTMLElement>("[data-field]")!;
const bar = document.querySelector<HTMLElement>("[data-offline]")!;
let tasks: Tasks | undefined;
let acts: Act[] = [];
let photos: Photo[] = [];

type Child = Node | string | null;
/** An element with attributes and children; texts are never read as HTML. */
function make(tag: string, attributes: Record<string, string | boolean> = {}, ...children: Child[]): HTMLElement {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== false) made.setAttribute(name, value === true ? "" : value);
  made.append(...children.filter((child) => child !== null));
  return made;
}

function icon(name: string): SVGElement {
  const drawn = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  drawn.setAttribute("class", "i l");
  drawn.setAttribute("aria-hidden", "true");
  drawn.setAttribute("viewBox", "0 0 20 20");
  use.setAttribute("href", `#i-${name}`);
  drawn.append(use);
  return drawn;
}

const say = (key: string, values: Record<string, string | number> = {}): string => text(key).replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
const token = (): string => /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? document.querySelector<HTMLInputElement>("[name=csrfmiddlewaretoken]")?.value ?? "";
const waiting = (): Act[] => acts.filter((act) => act.state !== "done");
const actOf = (task: Task): Act | undefined => acts.find((act) => act.task === task.number);

/** Words of the time left, and its state. */
function due(task: Task): [string, string] {
  if (task.done) return ["good", task.done.slice(11, 16)];
  const minutes = left(task.due);
  if (minutes === null) return ["none", ""];
  if (minutes < 0) return ["bad", say("overdue")];
  if (minutes < 60) return ["bad", say("minutes_left", { n: minutes })];
  if (minutes < 24 * 60) return ["tight", task.due!.slice(11, 16)];
  return ["none", task.due!.slice(5, 10)];
}

function row(task: Task): HTMLElement {
  const [state, word] = due(task);
  const act = actOf(task);
  const shown = act ? { waiting: ["tight", say("kept_here")], sending: ["tight", say("sending")], refused: ["bad", say("refused")], conflict: ["tight", say("differs")], done: ["good", ""] }[act.state]! : [state, word];
  return make("a", { class: "tk", href: `#${task.number}` },
    make("span", { class: `ic ${state}` }, icon(task.icon)),
    make("span", { class: "tk-words" }, make("b", {}, task.title), make("span", { class: "m" }, task.place)),
    make("span", { class: `push st ${shown[0]}` }, shown[1]!));
}

function group(title: string, rows: Task[]): HTMLElement | null {
  return rows.length ? make("section", {}, make("h2", { class: "gh" }, title), ...rows.map(row)) : null;
}

function list(): void {
  const open = tasks!.tasks.filter((task) => !task.done);
  const soon = open.filter((task) => (left(task.due) ?? Infinity) < 60);
  const today = open.filter((task) => !soon.includes(task) && (left(task.due) ?? Infinity) < 24 * 60);
  const later = open.filter((task) => !soon.includes(task) && !today.includes(task));
  const done = tasks!.tasks.filter((task) => task.done);
  root.replaceChildren(
    make("p", { class: "q" }, `${tasks!.place} · ${tasks!.person}`),
    ...[group(say("now"), soon), group(say("today"), today), group(say("later"), later), group(`${say("done")} ${done.length}`, done)].filter((each) => each !== null),
    ...(open.length ? [] : [make("p", { class: "empty" }, icon("good"), make("br"), say("nothing_to_do"))]),
    ...(waiting().length ? [make("a", { class: "btn wide-btn", href: "#queue" }, icon("sync"), say("waiting_count", { n: waiting().length }))] : []));
}

function choices(task: Task): HTMLElement | null {
  if (!task.choices.length) return null;
  const buttons = task.choices.map(({ value, label, icon: name }) => {
    const input = make("input", { type: "radio", name: "choice", value, class: "sr" });
    return make("label", { class: "pick4" }, input, icon(name), label);
  });
  return make("fieldset", { class: "ch4-set" }, make("legend", { class: "gh" }, say("what_do_you_see")), make("div", { class: "ch4" }, ...buttons));
}

function figure(task: Task): HTMLElement | null {
  const asked = task.figure;
  if (!asked) return null;
  const input = make("input", { type: "number", inputmode: "decimal", name: asked.name, id: "figure", step: "any", value: asked.value === null ? "" : String(asked.value) }) as HTMLInputElement;
  const by = (way: number): HTMLElement => {
    const button = make("button", { type: "button", "aria-label": say(way < 0 ? "less" : "more") }, icon(way < 0 ? "minus" : "plus"));
    button.addEventListener("click", () => { input.value = String(Math.max(0, Math.round((Number(input.value || 0) + way * asked.step) * 1000) / 1000)); });
    return button;
  };
  return make("div", {}, make("label", { class: "gh", for: "figure" }, asked.label), make("div", { class: "card stp" }, by(-1), make("span", { class: "stp-in" }, input, make("span", { class: "unit" }, asked.unit)), by(1)));
}

function pictures(task: Task): HTMLElement {
  const shown = make("div", { class: "pg" });
  const ask = make("input", { type: "file", accept: "image/*", capture: "environment", multiple: true, class: "sr", id: "camera" }) as HTMLInputElement;
  const draw = (): void => shown.replaceChildren(
    ...photos.map((photo) => {
      const picture = make("img", { alt: say("photo_at", { at: photo.at.slice(11, 16) }), src: URL.createObjectURL(photo.blob) });
      return make("figure", {}, picture, make("figcaption", {}, `${photo.at.slice(11, 16)} · ${Math.round(photo.blob.size / 1024)} KB`));
    }), ask, make("label", { for: "camera", class: "take", "aria-label": say("take_photo") }, icon("photo")));
  ask.addEventListener("change", () => {
    void Promise.allSettled([...(ask.files ?? [])].map(compressed)).then((made) => {
      photos.push(...made.filter((each) => each.status === "fulfilled").map((each) => each.value));
      if (made.some((each) => each.status === "rejected")) tell(say("no_picture"));
      draw();
    });
  });
  draw();
  return make("div", {}, make("h2", { class: "gh" }, say("photos"), make("span", { class: "m" }, task.photos ? ` ${say("at_least", { n: task.photos })}` : "")), shown);
}

function known(task: Task): HTMLElement {
  const facts = task.known.flatMap(({ label, value }) => [make("dt", {}, label), make("dd", {}, value)]);
  return make("details", { class: "known-facts" }, make("summary", { class: "m" }, icon("lock"), say("known_count", { n: task.known.length })), make("dl", { class: "kv" }, ...facts));
}

function head(task: Task): HTMLElement {
  const [state, word] = due(task);
  const way = task.lon === null ? null : make("a", { class: "btn", href: `geo:${task.lat},${task.lon}?q=${task.lat},${task.lon}` }, icon("pin"), say("way_there"));
  return make("section", { class: "card in2" }, make("div", { class: "row" }, make("b", { class: "task-name" }, task.place || task.title), make("span", { class: `push st ${state}` }, word)), make("p", { class: "q" }, task.why), way);
}

function one(task: Task): void {
  photos = [];
  const note = make("textarea", { name: "note", id: "note", rows: "2", maxlength: "2000" });
  const why = make("p", { class: "why", role: "alert", hidden: true });
  const form = make("form", { class: "task", novalidate: true }, make("a", { class: "btn bare back", href: "#" }, icon("down"), say("all_tasks")), make("h1", {}, task.title), head(task), choices(task), figure(task), pictures(task), make("div", { class: "f" }, make("label", { for: "note" }, say("note")), note), known(task), why,
    task.done ? null : make("div", { class: "go2" }, make("button", { class: "btn go big" }, task.button))) as HTMLFormElement;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const lacking = missing(task, form);
    why.hidden = !lacking;
    why.textContent = lacking;
    if (!lacking) void done(task, form);
  });
  root.replaceChildren(form);
}

function missing(task: Task, form: HTMLFormElement): string {
  const given = new FormData(form);
  if (task.choices.length && !given.get("choice")) return say("choose_one");
  if (photos.length < task.photos) return say("photos_lacking", { n: task.photos - photos.length });
  return "";
}

async function done(task: Task, form: HTMLFormElement): Promise<void> {
  const fields: Record<string, string> = { verb: task.verb };
  new FormData(form).forEach((value, name) => { if (typeof value === "string") fields[name] = value; });
  await keep({ id: crypto.randomUUID(), task: task.number, title: task.title, version: task.version, at: clock(new Date()), fields, photos, state: "waiting" });
  acts = await kept();
  location.hash = navigator.onLine ? "" : "queue";
  await send();
}

function settle(act: Act): HTMLElement {
  const { conflict } = act;
  const option = (value: string, words: string, by: string): HTMLElement => make("label", { class: "opt" }, make("input", { type: "radio", name: "which", value, checked: value === "mine" }), make("span", {}, make("b", {}, words), make("span", { class: "m" }, ` ${by}`)));
  const form = make("form", {}, make("p", { class: "q" }, say("differs_why", { by: conflict!.by, field: conflict!.label })), option("mine", conflict!.yours_shown, `${say("you")} ${act.at.slice(11, 16)}`), option("theirs", conflict!.theirs_shown, `${conflict!.by} ${conflict!.at.slice(11, 16)}`), make("button", { class: "btn go big" }, say("use_chosen"))) as HTMLFormElement;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const mine = new FormData(form).get("which") === "mine";
    const fields = { ...act.fields, [conflict!.field]: mine ? conflict!.yours : conflict!.theirs, settled: mine ? "mine" : "theirs" };
    void keep({ ...act, fields, version: conflict!.version, state: "waiting", conflict: undefined }).then(send);
  });
  return form;
}

function queued(act: Act): HTMLElement {
  const [state, word] = { waiting: ["tight", say("kept_here")], sending: ["tight", say("sending")], done: ["good", say("sent")], refused: ["bad", say("refused")], conflict: ["tight", say("differs")] }[act.state]!;
  const drop = make("button", { type: "button", class: "btn" }, say("drop"));
  drop.addEventListener("click", () => { void forget(act.id).then(refresh); });
  return make("section", { class: `card in2${act.state === "conflict" ? " differs" : ""}` }, make("div", { class: "row" }, make("b", {}, act.title), make("span", { class: `push st ${state!}` }, icon(state!), word!)), make("p", { class: "m" }, say("photos_count", { n: act.photos.length, kb: Math.round(act.photos.reduce((sum, photo) => sum + photo.blob.size, 0) / 1024) })), act.state === "conflict" ? settle(act) : null, act.state === "refused" ? make("p", { class: "why" }, act.told ?? "") : null, act.state === "refused" ? drop : null);
}

function queue(): void {
  const rows = waiting();
  root.replaceChildren(make("a", { class: "btn bare back", href: "#" }, icon("down"), say("all_tasks")), make("h1", {}, say("queue")), ...rows.map(queued), rows.length ? make("p", { class: "m" }, say("nothing_lost")) : make("p", { class: "empty" }, icon("good"), make("br"), say("all_sent")));
}

function tell(words: string): void {
  const said = document.querySelector<HTMLElement>("[data-said]")!;
  said.textContent = words;
}

function show(): void {
  bar.hidden = navigator.onLine;
  if (!navigator.onLine) bar.querySelector("span")!.textContent = say("offline", { n: waiting().length });
  const asked = decodeURIComponent(location.hash.slice(1));
  if (asked === "queue") return queue();
  if (!tasks) return root.replaceChildren(make("p", { class: "empty" }, icon("off"), make("br"), say("never_seen")));
  const task = tasks.tasks.find((each) => each.number === asked);
  if (task) one(task); else list();
}

async function refresh(): Promise<void> {
  acts = await kept();
  tasks = await fetched(config.tasks).catch(() => tasks);
  const writing = root.querySelector("form.task");
  if (!writing) show();
}

async function send(): Promise<void> {
  const before = (await kept()).length;
  await sync(config.act, token, (now) => { acts = now; });
  acts = await kept();
  if (before > acts.length) tell(say("sent_count", { n: before - acts.length }));
  await refresh();
  if (!root.querySelector("form.task")) show();
}

addEventListener("hashchange", show);
addEventListener("online", () => { show(); void send(); });
addEventListener("offline", () => { bar.hidden = false; if (!root.querySelector("form.task")) show(); });
document.addEventListener("visibilitychange", () => { if (!document.hidden) void send(); });
document.querySelector("form[data-sign-out]")?.addEventListener("submit", () => navigator.serviceWorker?.controller?.postMessage("leave"));

if ("serviceWorker" in navigator) void navigator.serviceWorker.register(config.worker, { scope: config.scope });
void refresh().then(show).then(send);
