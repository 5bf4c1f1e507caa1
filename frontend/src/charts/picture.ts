/** A chart as a PNG that can stand alone: title above, clause, source and dataset below. */

/** Words written on the picture. foot: lines under the chart; the first is set in the type of the law. */
export interface Captions {
  title: string;
  foot: string[];
  file: string;
}

interface Colours {
  surface: string;
  ink: string;
  ink3: string;
  law: string;
  sans: string;
  serif: string;
}

const SCALE = 2;
const HEAD = 36;
const LINE = 18;

function load(address: string): Promise<HTMLImageElement> {
  return new Promise((done, failed) => {
    const picture = new Image();
    picture.onload = () => done(picture);
    picture.onerror = failed;
    picture.src = address;
  });
}

function write(pen: CanvasRenderingContext2D, text: string, y: number, font: string, fill: string): void {
  pen.font = font;
  pen.fillStyle = fill;
  pen.fillText(text, 16, y);
}

/** Draws chart and words on one sheet and gives it to the reader as a file. */
export async function savePicture(chart: string, width: number, height: number, captions: Captions, colours: Colours): Promise<void> {
  const sheet = document.createElement("canvas");
  sheet.width = width * SCALE;
  sheet.height = (HEAD + height + captions.foot.length * LINE + 12) * SCALE;
  const pen = sheet.getContext("2d")!;
  pen.scale(SCALE, SCALE);
  pen.fillStyle = colours.surface;
  pen.fillRect(0, 0, sheet.width, sheet.height);
  pen.drawImage(await load(chart), 0, HEAD, width, height);
  write(pen, captions.title, 24, `600 16px ${colours.sans}`, colours.ink);
  captions.foot.forEach((text, i) => {
    const law = i === 0;
    write(pen, text, HEAD + height + LINE * (i + 1) - 4, `12px ${law ? colours.serif : colours.sans}`, law ? colours.law : colours.ink3);
  });
  const link = document.createElement("a");
  link.href = sheet.toDataURL("image/png");
  link.download = captions.file;
  link.click();
}
