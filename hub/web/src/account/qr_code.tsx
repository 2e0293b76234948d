// A QR code drawn as one SVG path: no image from anywhere, and always dark on light, which every camera reads.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

const quiet = 4; // modules of white around it, as the standard asks

interface Drawing {
  path: string;
  size: number;
}

async function draw(text: string): Promise<Drawing> {
  const { default: qrcode } = await import("qrcode-generator");
  const code = qrcode(0, "M");
  code.addData(text);
  code.make();
  const size = code.getModuleCount();
  let path = "";
  for (let row = 0; row < size; ++row) {
    for (let column = 0; column < size; ++column) {
      if (code.isDark(row, column)) path += `M${column + quiet} ${row + quiet}h1v1h-1z`;
    }
  }
  return { path, size: size + 2 * quiet };
}

export function QrCode({ text, label }: { text: string; label: string }) {
  const drawing = useSignal<Drawing | undefined>(undefined);
  const failed = useSignal(false);
  useEffect(() => {
    draw(text).then(
      (done) => (drawing.value = done),
      () => (failed.value = true), // the secret stands below in letters
    );
  }, [text]);
  if (failed.value) return null;
  const size = drawing.value?.size ?? 41;
  return (
    <svg class="qr-code" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shape-rendering="crispEdges">
      <rect class="qr-ground" width={size} height={size} />
      {drawing.value && <path class="qr-dark" d={drawing.value.path} />}
    </svg>
  );
}
