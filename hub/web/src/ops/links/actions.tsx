// What an operator does with a link, each in words that say what happens.
import { Activity, EllipsisVertical, Pause, Play, RotateCw } from "lucide";
import { signal } from "@preact/signals";
import { api, asProblem } from "~/api/client.ts";
import { invalidate } from "~/api/cache.ts";
import { may } from "~/api/session.ts";
import { go } from "~/base/router.tsx";
import { Icon } from "~/ui/icon.tsx";
import { Menu } from "~/ui/menu.tsx";
import { toast } from "~/ui/toast.tsx";
import { ask } from "../parts/ask.tsx";
import type { Link } from "../types.ts";
import type { Step } from "./standing.ts";
import { t } from "./words.ts";

const at = (link: Link, action: string) => `links/${encodeURIComponent(link.id)}/${action}`;
export const testing = signal<Link | undefined>(undefined); // whose test is shown

function changed(link: Link) {
  invalidate("links", `link:${link.id}`);
}
async function tried(work: () => Promise<unknown>) {
  try {
    await work();
  } catch (failed) {
    toast(asProblem(failed).message, { tone: "danger" });
  }
}

export function resume(link: Link) {
  return tried(async () => {
    await api.post(at(link, "resume"), {});
    changed(link);
    toast(t.resumed(link.supplier), { tone: "ok" });
  });
}
export function pause(link: Link) {
  ask({
    title: t.pauseTitle(link.supplier),
    text: <p>{t.pauseText}</p>,
    button: t.pause,
    reason: "required",
    run: async ({ reason }) => {
      await api.post(at(link, "pause"), { reason });
      changed(link);
      toast(t.paused(link.supplier), { action: { label: t.resume, run: () => void resume(link) } });
    },
  });
}
export function restart(link: Link) {
  ask({
    title: t.restartTitle(link.supplier),
    text: <p>{t.restartText}</p>,
    button: t.restart,
    reason: "optional",
    run: async ({ reason }) => {
      await api.post(at(link, "restart"), reason ? { reason } : {});
      changed(link);
      toast(t.restarted, { tone: "ok" });
    },
  });
}
function check(link: Link) {
  return tried(async () => {
    const report = await api.post<{ ok: boolean; message: string; took_ms: number }>(at(link, "check"), {});
    changed(link);
    if (report.ok) toast(t.checkOk(report.took_ms), { tone: "ok" });
    else toast(`${t.checkBad}: ${report.message}`, { tone: "danger" });
  });
}

// The buttons that a matter asks for; the first is the one to press.
export function StepButtons({ link, steps, small }: { link: Link; steps: readonly Step[]; small?: boolean }) {
  const operate = may("link.operate");
  const shown = steps.filter((step) => step === "stuck" || step === "doubt" || (step === "reload" ? may("configuration.operate") : operate));
  if (!shown.length) return null;
  return (
    <div class="buttons">
      {shown.slice(0, small ? 1 : shown.length).map((step, i) => {
        const name = i === 0 && !small ? "primary" : "";
        switch (step) {
          case "stuck":
            return (
              <a key={step} class={`button ${name}`} href={`/ops/dead?link=${encodeURIComponent(link.id)}`}>
                {t.seeStuck(link.backlog.dead)}
              </a>
            );
          case "doubt":
            return (
              <a key={step} class={`button ${name}`} href={`/ops/deliveries?doubt=true&link=${encodeURIComponent(link.id)}`}>
                {t.seeDoubt}
              </a>
            );
          case "reload":
            return (
              <button key={step} type="button" class={name} onClick={() => go("/ops/configuration")}>
                {t.reload}
              </button>
            );
          case "resume":
            return (
              <button key={step} type="button" class={name} onClick={() => void resume(link)}>
                <Icon of={Play} /> {t.resume}
              </button>
            );
          case "restart":
            return (
              <button key={step} type="button" class={name} onClick={() => restart(link)}>
                <Icon of={RotateCw} /> {t.restart}
              </button>
            );
          default:
            return (
              <button key={step} type="button" class={name} onClick={() => (testing.value = link)}>
                <Icon of={Activity} /> {t.test}
              </button>
            );
        }
      })}
    </div>
  );
}

// Everything that can be done with a link, in its page's head.
export function LinkActions({ link }: { link: Link }) {
  if (!may("link.operate") || !link.configured) return null;
  return (
    <>
      <button type="button" onClick={() => (testing.value = link)}>
        <Icon of={Activity} /> {t.test}
      </button>
      {link.state === "open" ? (
        <button type="button" onClick={() => pause(link)}>
          <Icon of={Pause} /> {t.pause}
        </button>
      ) : (
        <button type="button" class="primary" onClick={() => void resume(link)}>
          <Icon of={Play} /> {t.resume}
        </button>
      )}
      <Menu
        class="icon-button"
        label={t.more}
        button={<Icon of={EllipsisVertical} />}
        items={[
          { label: t.check, run: () => void check(link) },
          { label: t.restart, run: () => restart(link) },
        ]}
      />
    </>
  );
}
