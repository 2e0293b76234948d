// One link: what is wrong and the next step as a button; then how it has been, and everything it is made of.
import { CircleCheck } from "lucide";
import { useGet } from "~/api/cache.ts";
import { may } from "~/api/session.ts";
import { parameters, setParameters } from "~/base/router.tsx";
import { date, dateAndTime, duration, relative } from "~/base/time.ts";
import { number } from "~/base/words.ts";
import { Badge } from "~/ui/domain.tsx";
import { Icon } from "~/ui/icon.tsx";
import { Loaded } from "~/ui/states.tsx";
import { Tabs } from "~/ui/tabs.tsx";
import { Time } from "~/ui/time.tsx";
import { DeliveryList, RecentDeliveries } from "../deliveries/list.tsx";
import { Facts, PageHead, Section } from "../parts/page.tsx";
import type { Link, LinkHost } from "../types.ts";
import { t as ops } from "../words.ts";
import { LinkActions, StepButtons } from "./actions.tsx";
import { LinkCharts } from "./charts.tsx";
import { Reconciliations } from "./reconciliations.tsx";
import { LinkSettings } from "./settings.tsx";
import { matters, nextTry, standing, type Matter } from "./standing.ts";
import { Traffic } from "./traffic.tsx";
import { kindWord } from "./overview.tsx";
import { t } from "./words.ts";

function MatterCard({ link, matter, buttons }: { link: Link; matter: Matter; buttons: boolean }) {
  const trouble = matter.trouble;
  const said = trouble?.message ?? (matter.key === "held" || matter.key === "backing_off" ? link.host?.reason : matter.key === "paused" || matter.key === "auth" ? link.reason : "");
  return (
    <li class={`matter matter-${matter.tone}`}>
      <div class="matter-head">
        <Badge tone={matter.tone} icon={matter.icon}>
          {matter.word}
        </Badge>
        {trouble && (
          <span class="quiet small">
            {trouble.times > 1 ? t.inARow(trouble.times, dateAndTime(trouble.since)) : relative(trouble.since)}
          </span>
        )}
      </div>
      <p class="matter-what">{matter.what}</p>
      {said && (
        <blockquote>
          <span class="small quiet">{matter.key === "paused" ? ops.reason : t.theirWords}</span>
          <br />
          <bdi>{said}</bdi>
        </blockquote>
      )}
      <p>
        <b>{t.nextStep}:</b> {matter.next}
      </p>
      {buttons && <StepButtons link={link} steps={matter.steps} />}
      {trouble?.next_step && (
        <details class="small">
          <summary>{t.hubWords}</summary>
          <p lang="en">{trouble.next_step}</p>
        </details>
      )}
    </li>
  );
}

function hostWord(state: LinkHost["state"]): string {
  return { up: t.hUp, starting: t.hStarting, stopped: t.hStopped, backing_off: t.hBacking, held: t.hHeld }[state] ?? state;
}
function clockWords(seconds: number | null): string {
  if (seconds === null) return t.unknown;
  if (Math.abs(seconds) < 2) return t.clockRight;
  const by = duration(Math.abs(seconds) * 1000);
  return seconds > 0 ? t.clockFast(by) : t.clockSlow(by);
}

function Now({ link }: { link: Link }) {
  const all = matters(link);
  const host = link.host;
  const tryAt = nextTry(link);
  return (
    <>
      <Section title={t.wrong}>
        {all.length === 0 ? (
          <p class="all-well">
            <Icon of={CircleCheck} size={20} /> {t.noTrouble}
          </p>
        ) : (
          <ul class="matters">
            {all.map((each, i) => (
              <MatterCard key={each.key} link={link} matter={each} buttons={!all.slice(0, i).some((above) => above.steps.join() === each.steps.join())} />
            ))}
          </ul>
        )}
      </Section>
      <LinkCharts link={link.id} />
      <Section
        title={t.recent}
        actions={
          <a href={`/ops/links/${encodeURIComponent(link.id)}?tab=deliveries`}>{t.seeAll}</a>
        }
      >
        <RecentDeliveries link={link.id} />
      </Section>
      <div class="fact-cards">
        <section class="card">
          <h2>{t.queue}</h2>
          <Facts
            facts={[
              [t.unfinished, <a href={`/ops/links/${encodeURIComponent(link.id)}?tab=deliveries`}>{number(link.backlog.unfinished)}</a>],
              [t.dead, link.backlog.dead ? <a href={`/ops/dead?link=${encodeURIComponent(link.id)}`}>{number(link.backlog.dead)}</a> : "0"],
              [t.inDoubt, number(link.backlog.in_doubt)],
              [t.oldestAt, link.backlog.oldest_at && <Time at={link.backlog.oldest_at} />],
              [t.lastDone, link.backlog.last_done_at ? <Time at={link.backlog.last_done_at} /> : ops.never],
              [t.polled, link.polled_at && <Time at={link.polled_at} />],
              [t.nextTry, tryAt && <Time at={tryAt} />],
              [t.heldChanges, link.held.changes > 0 && t.heldCount(link.held.changes, link.held.since ? relative(link.held.since) : "")],
            ]}
          />
          {link.held.changes > 0 && <p class="hint">{t.heldWhy}</p>}
        </section>
        <section class="card">
          <h2>{t.process}</h2>
          {host ? (
            <Facts
              facts={[
                [t.hostState, <>{hostWord(host.state)}{host.reason && <span class="row-under"><bdi>{host.reason}</bdi></span>}</>],
                [t.connector, `${host.connector || link.connector} ${host.version}`],
                [t.profile, link.profile],
                [t.nextStart, host.next_start && <Time at={host.next_start} />],
                [t.restarts, number(host.restarts)],
                [t.pid, host.pid ? String(host.pid) : ""],
                [t.capabilities, host.capabilities.join(", ")],
                [t.extensions, host.extensions.join(", ")],
              ]}
            />
          ) : (
            <p class="quiet">{t.noProcess}</p>
          )}
        </section>
        <section class="card">
          <h2>{t.theirServer}</h2>
          <Facts
            facts={[
              [t.certificate, host?.certificate_until ? `${date(host.certificate_until)} (${relative(host.certificate_until)})` : t.unknown],
              [t.clockAhead, clockWords(host?.clock_ahead_seconds ?? null)],
              [t.tested, link.tested && `${link.tested.against === "real" ? "" : `${t.testedDocs}: `}${link.tested.with}${link.tested.on ? `, ${link.tested.on}` : ""}`],
            ]}
          />
        </section>
      </div>
    </>
  );
}

export function LinkPage({ id }: { id: string }) {
  const got = useGet<Link>(`links/${encodeURIComponent(id)}`, [`link:${id}`]);
  const link = got.data;
  const wanted = parameters.value.get("tab") ?? "now";
  const tabs = [
    { id: "now", label: t.tabNow },
    { id: "deliveries", label: t.tabDeliveries },
    ...(link?.kind === "supplier" ? [{ id: "reconcile", label: t.tabReconcile }] : []),
    ...(may("link.operate") ? [{ id: "traffic", label: t.tabTraffic }, { id: "settings", label: t.tabSettings }] : []),
  ];
  const tab = tabs.some((each) => each.id === wanted) ? wanted : "now";
  const now = link && standing(link);
  return (
    <>
      <PageHead
        title={link?.supplier ?? id}
        up={{ href: "/ops", label: ops.overview }}
        badge={now && <Badge tone={now.tone} icon={now.icon}>{now.word}</Badge>}
        about={link && <span class="quiet">{kindWord(link.kind)} · {link.id} · {link.connector}{link.profile ? ` (${link.profile})` : ""}</span>}
        actions={link && <LinkActions link={link} />}
      />
      <Loaded got={got} lines={8}>
        {(data) => (
          <Tabs label={t.tabs} tabs={tabs} chosen={tab} choose={(next) => setParameters({ tab: next === "now" ? null : next, state: null, run: null, since: null, customer: null, doubt: null })}>
            {(chosen) => {
              if (chosen === "deliveries") return <DeliveryList link={data.id} />;
              if (chosen === "reconcile") return <Reconciliations link={data} />;
              if (chosen === "traffic") return <Traffic link={data.id} />;
              if (chosen === "settings") return <LinkSettings link={data.id} />;
              return <Now link={data} />;
            }}
          </Tabs>
        )}
      </Loaded>
    </>
  );
}
