/**
 * Symbols drawn into the map when it asks for them by name:
 * `o|<shape>|<state>` a record, a case, a hot spot, `s|<state>|<rank>` a station, `s|<state>|chosen` with its ring, `c|n6|n5|...|n0|nx` a cluster, `m|<number>|<how many of them are bad>` several records, cases or hot spots, `hatch`.
 */
import type { Map } from "maplibre-gl";
import { token } from "../light";
import { STATES, type State } from "./config";

const RADIUS: Record<string, number> = { national: 9, local: 6.5, micro: 4, chosen: 11 };
const SCALE = 2;
const made = new Set<string>();

/** Let the map ask for symbols, and draw the present ones again in the new light. */
export function symbols(map: Map): { restyle: () => void } {
  map.setMissingStyleImageResolver((id) => {
    const image = drawn(id);
    if (!image || map.hasImage(id)) return;
    made.add(id);
    map.addImage(id, image, { pixelRatio: SCALE });
  });
  return { restyle: () => { for (const id of made) map.updateImage(id, drawn(id)!); } };
}

function drawn(id: string): ImageData | null {
  const [kind, ...rest] = id.split("|");
  if (kind === "s") return station(rest[0] as State, rest[1]!);
  if (kind === "o") return shaped(rest[0]!, rest[1] ?? "");
  if (kind === "m") return several(Number(rest[0]), Number(rest[1]));
  if (kind === "c") return cluster(rest.map(Number));
  return kind === "hatch" ? hatch() : null;
}

/** Outlines by kind of site, on a square from -1 to 1; a flag stands on its pole, a cross is a stroke. */
const OUTLINES: Record<string, [number, number][]> = {
  diamond: [[0, -1], [1, 0], [0, 1], [-1, 0]],
  square: [[-0.8, -0.8], [0.8, -0.8], [0.8, 0.8], [-0.8, 0.8]],
  triangle_up: [[0, -0.95], [1, 0.8], [-1, 0.8]],
  triangle_down: [[0, 0.95], [1, -0.8], [-1, -0.8]],
  flag: [[-0.6, -1], [0.95, -0.45], [-0.6, 0.15], [-0.6, 1]],
  cross: [[0.3, -0.9], [0.3, -0.3], [0.9, -0.3], [0.9, 0.3], [0.3, 0.3], [0.3, 0.9], [-0.3, 0.9], [-0.3, 0.3], [-0.9, 0.3], [-0.9, -0.3], [-0.3, -0.3], [-0.3, -0.9]],
};

/** Draw a shape at the middle of a pen: state `good`, `bad`, or none of both. */
export function shape(pen: CanvasRenderingContext2D, name: string, state: string, middle: number, radius: number): void {
  const outline = OUTLINES[name];
  pen.beginPath();
  if (outline) for (const [x, y] of outline) pen.lineTo(middle + x * radius, middle + y * radius);
  else pen.arc(middle, middle, radius * 0.9, 0, 2 * Math.PI);
  pen.closePath();
  pen.lineJoin = "round";
  pen.lineWidth = 3.4;
  pen.strokeStyle = token("map-land");
  pen.stroke();
  pen.lineWidth = 1.5;
  pen.strokeStyle = pen.fillStyle = token(state === "bad" ? "bad" : state === "good" ? "good" : "accent");
  pen.fill();
  pen.stroke();
}

const shaped = (name: string, state: string): ImageData => sheet(20, (pen, middle) => shape(pen, name, state, middle, 7));

function sheet(size: number, draw: (pen: CanvasRenderingContext2D, middle: number) => void): ImageData {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = Math.ceil(size) * SCALE;
  const pen = canvas.getContext("2d")!;
  pen.scale(SCALE, SCALE);
  draw(pen, Math.ceil(size) / 2);
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}

function circle(pen: CanvasRenderingContext2D, middle: number, radius: number, from = 0, to = 2 * Math.PI): void {
  pen.beginPath();
  pen.arc(middle, middle, radius, from, to);
}

function station(state: State, rank: string): ImageData {
  const radius = RADIUS[rank] ?? 6.5;
  return sheet(2 * radius + (rank === "chosen" ? 18 : 4), (pen, middle) => {
    if (rank === "chosen") ring(pen, middle, radius + 6);
    circle(pen, middle, radius - 0.75);
    if (state === "0") hollow(pen, token("none"), [2.6, 2.4]);
    else if (state === "x") struck(pen, middle, radius);
    else filled(pen, state);
  });
}

function ring(pen: CanvasRenderingContext2D, middle: number, radius: number): void {
  circle(pen, middle, radius);
  pen.fillStyle = token("map-land");
  pen.fill();
  pen.lineWidth = 2;
  pen.strokeStyle = token("ink");
  pen.stroke();
}

function filled(pen: CanvasRenderingContext2D, state: State): void {
  pen.fillStyle = token(`aqi-${state}`);
  pen.fill();
  pen.lineWidth = 1.5;
  pen.strokeStyle = token(`aqi-${state}-ring`);
  pen.stroke();
}

function hollow(pen: CanvasRenderingContext2D, colour: string, dashes: number[]): void {
  pen.fillStyle = token("map-land");
  pen.fill();
  pen.setLineDash(dashes);
  pen.lineWidth = 1.6;
  pen.strokeStyle = colour;
  pen.stroke();
}

function struck(pen: CanvasRenderingContext2D, middle: number, radius: number): void {
  hollow(pen, token("unknown"), []);
  const reach = (radius - 1) * Math.SQRT1_2;
  pen.beginPath();
  pen.moveTo(middle - reach, middle - reach);
  pen.lineTo(middle + reach, middle + reach);
  pen.stroke();
}

function cluster(counts: number[]): ImageData {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return sheet(34, (pen, middle) => {
    circle(pen, middle, 15.5);
    pen.fillStyle = token("surface");
    pen.fill();
    segments(pen, middle, counts, total);
    edges(pen, middle);
    pen.fillStyle = token("ink");
    pen.font = `700 ${total > 99 ? 10 : 12}px ${token("sans")}`;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillText(String(total), middle, middle + 0.5);
  });
}

function several(total: number, bad: number): ImageData {
  return sheet(30, (pen, middle) => {
    circle(pen, middle, 13);
    pen.fillStyle = token("surface");
    pen.fill();
    pen.lineWidth = 3;
    pen.strokeStyle = token("accent");
    pen.stroke();
    if (bad) {
      pen.beginPath();
      pen.arc(middle, middle, 13, -Math.PI / 2, -Math.PI / 2 + (2 * Math.PI * bad) / total);
      pen.strokeStyle = token("bad");
      pen.stroke();
    }
    pen.fillStyle = token("ink");
    pen.font = `700 ${total > 99 ? 10 : 12}px ${token("sans")}`;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillText(String(total), middle, middle + 0.5);
  });
}

/** The ring divided by level, the worst first from the top. */
function segments(pen: CanvasRenderingContext2D, middle: number, counts: number[], total: number): void {
  let from = -Math.PI / 2;
  counts.forEach((count, at) => {
    if (!count) return;
    const state = STATES[at]!;
    const to = from + (2 * Math.PI * count) / total;
    circle(pen, middle, 12.75, from, to);
    pen.lineWidth = 5;
    pen.strokeStyle = token(state === "0" ? "line-2" : state === "x" ? "unknown" : `aqi-${state}`);
    pen.stroke();
    from = to;
  });
}

function edges(pen: CanvasRenderingContext2D, middle: number): void {
  pen.lineWidth = 1;
  pen.strokeStyle = token("ink-3");
  for (const radius of [15.25, 10.25]) {
    circle(pen, middle, radius);
    pen.stroke();
  }
}

function hatch(): ImageData {
  return sheet(8, (pen) => {
    pen.strokeStyle = token("line-2");
    pen.lineWidth = 1.5;
    for (const from of [-8, 0, 8]) {
      pen.beginPath();
      pen.moveTo(from - 2, 10);
      pen.lineTo(from + 10, -2);
      pen.stroke();
    }
  });
}
