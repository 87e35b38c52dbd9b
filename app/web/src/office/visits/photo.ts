/** A photo as it is kept: at most two million pixels of JPEG, drawn anew, so that nothing but the picture is in it. */

export const MOST_PIXELS = 2_000_000;
const MOST_BYTES = 3.5 * 2 ** 20;
const QUALITIES = [0.85, 0.7, 0.5];

export interface Picture {
  readonly blob: Blob;
  readonly width: number;
  readonly height: number;
}

/** Width and height of a picture of at most so many pixels, in its own proportions. */
export function fitted(width: number, height: number, most = MOST_PIXELS): [number, number] {
  const scale = Math.min(1, Math.sqrt(most / (width * height)));
  return [Math.max(1, Math.floor(width * scale)), Math.max(1, Math.floor(height * scale))];
}

/** The picture of a file, the right way up; an error where the browser cannot read it. */
export async function pictureOf(file: Blob): Promise<Picture> {
  const source = await createImageBitmap(file, { imageOrientation: "from-image" });
  try {
    const [width, height] = fitted(source.width, source.height);
    const canvas = document.createElement("canvas");
    canvas.width = width;
    canvas.height = height;
    const pen = canvas.getContext("2d");
    if (pen === null) throw new Error("canvas");
    pen.drawImage(source, 0, 0, width, height);
    for (const quality of QUALITIES) {
      const blob = await encoded(canvas, quality);
      if (blob.size <= MOST_BYTES) return { blob, width, height };
    }
    throw new Error("size");
  } finally {
    source.close();
  }
}

/** A picture that was made before, as it is. */
export async function asPicture(blob: Blob): Promise<Picture> {
  const source = await createImageBitmap(blob);
  const { width, height } = source;
  source.close();
  return { blob, width, height };
}

function encoded(canvas: HTMLCanvasElement, quality: number): Promise<Blob> {
  return new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("JPEG"))), "image/jpeg", quality));
}
