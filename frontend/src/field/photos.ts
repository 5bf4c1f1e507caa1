/** Photos of the field: drawn smaller, with the place and time of the telephone beside them. */
import type { Photo } from "./queue";

const LONGEST = 1600;
const QUALITY = 0.72;

/** Time of a moment as the platform writes it: wall clock of +08:00. */
export const clock = (moment: Date): string => new Date(moment.getTime() + 8 * 3600e3).toISOString().slice(0, 19);

function position(): Promise<GeolocationCoordinates | null> {
  if (!("geolocation" in navigator)) return Promise.resolve(null);
  return new Promise((give) => navigator.geolocation.getCurrentPosition(
    ({ coords }) => give(coords), () => give(null), { enableHighAccuracy: true, timeout: 8000, maximumAge: 60_000 }));
}

/** A photo as it is kept and sent: at most 1,600 points long. Throws when the file is no picture. */
export async function compressed(file: File): Promise<Photo> {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
  const sheet = new OffscreenCanvas(Math.round(picture.width * scale), Math.round(picture.height * scale));
  sheet.getContext("2d")!.drawImage(picture, 0, 0, sheet.width, sheet.height);
  picture.close();
  const blob = await sheet.convertToBlob({ type: "image/jpeg", quality: QUALITY });
  const coords = await position();
  return { blob, at: clock(new Date(file.lastModified || Date.now())), lon: coords?.longitude ?? null, lat: coords?.latitude ?? null };
}
