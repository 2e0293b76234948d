// A delivery in full: what its state means, what can be done, every attempt with its calls, and what leaves.
import { useGet } from "~/api/cache.ts";
import { duration } from "~/base/time.ts";
import { Badge } from "~/ui/domain.tsx";
import { Loaded } from "~/ui/states.tsx";
import { Time } from "~/ui/time.tsx";
import { CopyButton } from "../parts/copy.tsx";
import { Json, pretty } from "../parts/json.tsx";
import { useCustomers, useLinks } from "../parts/names.ts";
import { Facts, PageHead, Section } from "../parts/page.tsx";
import type { Attempt, DeliveryDetail } from "../types.ts";
import { t as ops } from "../words.ts";
import { DeliveryButtons, type Around } from "./actions.tsx";
import { ExchangeRow, exchangeText } from "./exchange.tsx";
import { DeliveryBadge, meaning, deliveryName, outcomeLook, TicketLink, why } from "./look.tsx";
import { t } from "./words.ts";

function stepWord(step: string): string {
  return (
    { write: ops.stepWrite, lookup: ops.stepLookup, retry: ops.stepRetry, skip: ops.stepSkip, park: ops.stepPark, confirm: ops.stepConfirm, cancel: ops.stepCancel }[step] ?? step
  );
}

function AttemptRow({ attempt, last }: { attempt: Attempt; last: boolean }) {
  const [tone, word] = outcomeLook(attempt.status);
  const by = attempt.status.startsWith("by ") ? attempt.status.slice(3) : ""; // somebody did something, nothing was sent
  const took = new Date(attempt.finished_at).getTime() - new Date(attempt.started_at).getTime();
  const calls = attempt.exchanges ?? [];
  return (
    <li class={`attempt attempt-${tone}`}>
      <div class="attempt-head">
        <Badge tone={by ? "neutral" : tone}>{by ? ops.outOperator : word}</Badge>
        <span>
          {stepWord(attempt.step)}
          {by && <> · {by}</>}
        </span>
        <Time at={attempt.started_at} exact />
        <span class="quiet small">
          {!by && t.epoch(attempt.epoch)}
          {took > 0 && `, ${t.took(took < 1000 ? `${took} ms` : duration(took))}`}
          {attempt.supplier_code > 0 && `, ${t.code(attempt.supplier_code)}`}
        </span>
        {calls.length > 1 && <CopyButton text={() => calls.map(exchangeText).join("\n\n")}>{ops.copyText}</CopyButton>}
      </div>
      {attempt.message && (
        <p class="attempt-message">
          <bdi>{attempt.message}</bdi>
        </p>
      )}
      {calls.map((each, i) => (
        <ExchangeRow key={i} exchange={each} open={last && attempt.status !== "ok" && i === calls.length - 1} />
      ))}
    </li>
  );
}

export function DeliveryBody({ data, around, head }: { data: DeliveryDetail; around: Around; head: boolean }) {
  const links = useLinks();
  const customers = useCustomers();
  const attempts = [...data.history].reverse();
  return (
    <>
      <p class="meaning">{meaning(data)}</p>
      {data.last_error && data.state !== "done" && why(data) !== attempts[0]?.message && (
        <blockquote class="last-error">
          <span class="small quiet">{t.lastError}</span>
          <br />
          <bdi>{why(data)}</bdi>
        </blockquote>
      )}
      <DeliveryButtons delivery={data} around={around} />
      {data.doubt && <p class="hint">{t.retryDoubt}</p>}
      <Section title={t.history}>
        {attempts.length === 0 ? (
          <p class="quiet">{t.noAttempts}</p>
        ) : (
          <ol class="attempts">
            {attempts.map((each, i) => (
              <AttemptRow key={`${each.epoch}-${each.step}-${each.started_at}`} attempt={each} last={i === 0} />
            ))}
          </ol>
        )}
      </Section>
      <Section title={t.document} actions={<CopyButton text={() => pretty(data.document)}>{ops.copyText}</CopyButton>}>
        <p class="hint">{t.documentHint}</p>
        <Json value={data.document} label={t.document} />
      </Section>
      <Section title={ops.details}>
        <Facts
          facts={[
            [t.to, <a href={`/ops/links/${encodeURIComponent(data.link)}`}>{links.name(data.link)}</a>],
            [t.ticket, data.ticket && <TicketLink delivery={data} />],
            [t.customer, customers.name(data.customer)],
            [t.created, <Time at={data.created_at} exact />],
            [t.finished, data.finished_at && <Time at={data.finished_at} exact />],
            [t.runAt, data.state === "ready" && <Time at={data.run_at} exact />],
            [t.attempts, String(data.attempts)],
            [t.externalId, data.external_id && <code>{data.external_id}</code>],
            [t.correlation, <code>{data.correlation}</code>],
            [t.blob, data.blob && <code>{data.blob}</code>],
            [t.delivery, !head && <a href={`/ops/deliveries/${data.id}`}>{data.id}</a>],
          ]}
        />
      </Section>
    </>
  );
}

export function DeliveryPage({ id }: { id: string }) {
  const got = useGet<DeliveryDetail>(`deliveries/${encodeURIComponent(id)}`, [`delivery:${id}`, "links"]);
  const links = useLinks();
  const data = got.data;
  return (
    <>
      <PageHead
        title={data ? deliveryName(data) : `${t.delivery} ${id}`}
        up={{ href: "/ops/deliveries", label: ops.deliveries }}
        badge={data && <DeliveryBadge delivery={data} />}
        about={data && <span class="quiet">{t.to}: <a href={`/ops/links/${encodeURIComponent(data.link)}`}>{links.name(data.link)}</a></span>}
      />
      <Loaded got={got} lines={8}>
        {(delivery) => <DeliveryBody data={delivery} around={{ who: links.name(delivery.link) }} head />}
      </Loaded>
    </>
  );
}
