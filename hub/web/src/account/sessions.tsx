import { useSignal } from "@preact/signals";
import { Laptop, Smartphone } from "lucide";
import { api, asProblem } from "~/api/client.ts";
import { useGet } from "~/api/cache.ts";
import { title } from "~/base/router.tsx";
import { Badge } from "~/ui/domain.tsx";
import { Icon } from "~/ui/icon.tsx";
import { Loaded } from "~/ui/states.tsx";
import { Time } from "~/ui/time.tsx";
import { toast } from "~/ui/toast.tsx";
import { t } from "./words.ts";

interface OwnSession {
  id: string;
  current: boolean;
  created_at: string;
  last_seen_at: string;
  address: string;
  agent_text: string;
}

// "Firefox on Windows" of what a browser says about itself; only the best known, else its own words.
export function deviceOf(agent: string): string {
  const browser = [
    ["Edg/", "Edge"],
    ["OPR/", "Opera"],
    ["Firefox/", "Firefox"],
    ["Chrome/", "Chrome"],
    ["Safari/", "Safari"],
  ].find(([mark]) => agent.includes(mark ?? ""))?.[1];
  const system = [
    ["iPhone", "iPhone"],
    ["iPad", "iPad"],
    ["Android", "Android"],
    ["Windows", "Windows"],
    ["Mac OS", "Mac"],
    ["Linux", "Linux"],
  ].find(([mark]) => agent.includes(mark ?? ""))?.[1];
  if (browser && system) return t.browserOn(browser, system);
  return agent || t.unknownDevice;
}

export function Sessions() {
  title.value = t.devices;
  const got = useGet<{ items: OwnSession[] }>("sessions", ["sessions"]);
  const busy = useSignal("");
  const end = async (id: string) => {
    if (busy.peek()) return;
    busy.value = id || "all";
    try {
      await api.delete(id ? `sessions/${encodeURIComponent(id)}` : "sessions");
      got.expect((data) => ({ ...data, items: data.items.filter((each) => each.current || (id !== "" && each.id !== id)) }));
      toast(t.signedOutThere, { tone: "ok" });
    } catch (failed) {
      toast(asProblem(failed).message, { tone: "danger" });
    } finally {
      busy.value = "";
    }
  };
  return (
    <>
      <h2>{t.devices}</h2>
      <Loaded got={got}>
        {({ items }) => (
          <>
            <ul class="plain-list own-list">
              {[...items]
                .sort((a, b) => Number(b.current) - Number(a.current) || b.last_seen_at.localeCompare(a.last_seen_at))
                .map((each) => (
                  <li key={each.id}>
                    <Icon of={/iPhone|Android|Mobile/.test(each.agent_text) ? Smartphone : Laptop} size={20} />
                    <div class="own-list-text">
                      <strong>{deviceOf(each.agent_text)}</strong> {each.current && <Badge tone="ok">{t.thisOne}</Badge>}
                      <p class="quiet small">
                        {t.lastSeen} <Time at={each.last_seen_at} /> · {t.since} <Time at={each.created_at} />
                        {each.address && ` · ${t.address} ${each.address}`}
                      </p>
                    </div>
                    {!each.current && (
                      <button type="button" aria-label={t.signOutThereOf(deviceOf(each.agent_text))} aria-disabled={busy.value === each.id} onClick={() => void end(each.id)}>
                        {t.signOutThere}
                      </button>
                    )}
                  </li>
                ))}
            </ul>
            {items.length > 2 && (
              <button type="button" onClick={() => void end("")}>
                {t.signOutOthers}
              </button>
            )}
            {items.length === 1 && <p class="quiet">{t.onlyHere}</p>}
          </>
        )}
      </Loaded>
    </>
  );
}
