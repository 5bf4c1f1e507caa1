/** A hatching of thin slanted lines, drawn once a colour: what is missing is hatched, never filled. */
const drawn = new Map<string, HTMLCanvasElement>();

/** The hatching as a pattern the chart library can fill with. */
export function hatch(line: string): { image: HTMLCanvasElement; repeat: "repeat" } {
  let tile = drawn.get(line);
  if (!tile) {
    tile = document.createElement("canvas");
    tile.width = tile.height = 6;
    const pen = tile.getContext("2d")!;
    pen.strokeStyle = line;
    pen.lineWidth = 1;
    pen.beginPath();
    for (const x of [-6, 0, 6]) {
      pen.moveTo(x, 6);
      pen.lineTo(x + 6, 0);
    }
    pen.stroke();
    drawn.set(line, tile);
  }
  return { image: tile, repeat: "repeat" };
}
