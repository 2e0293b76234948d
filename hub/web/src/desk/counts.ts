// The views' counts follow what happens, but not each of a hundred events by itself: counting costs the hub more than
// telling.
import { invalidate } from "~/api/cache.ts";
import { onStream } from "~/api/stream.ts";

const atMostEvery = 1_500; // milliseconds
let timer: ReturnType<typeof setTimeout> | undefined;
let last = 0;

export function recount() {
  if (timer) return;
  timer = setTimeout(
    () => {
      timer = undefined;
      last = Date.now();
      invalidate("views");
    },
    Math.max(150, last + atMostEvery - Date.now()),
  );
}
onStream((message) => {
  if (message.type === "ticket") recount();
});
