import { Frame } from "~/ui/frame.tsx";
import { NotFound } from "~/ui/not_found.tsx";

export default function Place() {
  return (
    <Frame>
      <NotFound />
    </Frame>
  );
}
