// A place of the desk's, opened by somebody who is a customer's: where he belongs instead.
import { Headset } from "lucide";
import { title } from "~/base/router.tsx";
import { Frame } from "./frame.tsx";
import { Empty } from "./states.tsx";
import { t } from "./words.ts";

export function ForAgents() {
  title.value = t.forAgentsTitle;
  return (
    <Frame>
      <div class="page">
        <Empty page icon={Headset} title={t.forAgentsTitle}>
          <p>{t.forAgents}</p>
          <a class="button primary" href="/">
            {t.toPortal}
          </a>
        </Empty>
      </div>
    </Frame>
  );
}
