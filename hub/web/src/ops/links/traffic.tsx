// What has gone through a link: what the connector was given, and what the supplier told and was taken for.
import { ArrowLeftRight } from "lucide";
import { usePages } from "~/api/cache.ts";
import { parameters, setParameters } from "~/base/router.tsx";
import { Empty, Failed, Skeleton } from "~/ui/states.tsx";
import { Time } from "~/ui/time.tsx";
import { CopyButton } from "../parts/copy.tsx";
import { opWord } from "../deliveries/look.tsx";
import { Json, pretty } from "../parts/json.tsx";
import { More } from "~/ui/more.tsx";
import type { RecordedChange, RecordedWrite } from "../types.ts";
import { t } from "./words.ts";

function Part({ label, value }: { label: string; value: unknown }) {
  return (
    <div class="traffic-part">
      <div class="section-head">
        <h2>{label}</h2>
        <CopyButton text={() => pretty(value)} />
      </div>
      <Json value={value} label={label} />
    </div>
  );
}

function Writes({ link }: { link: string }) {
  const list = usePages<RecordedWrite>(`links/${encodeURIComponent(link)}/recorded-writes`, [`link:${link}`], { limit: 25 });
  if (!list.data) return list.problem ? <Failed problem={list.problem} retry={() => void list.reload()} /> : <Skeleton lines={6} />;
  if (!list.items.length) return <Empty icon={ArrowLeftRight} title={t.noTraffic} />;
  return (
    <>
      <ul class="records">
        {list.items.map((each) => (
          <li key={each.id}>
            <details>
              <summary>
                <Time at={each.at} exact /> <b>{opWord(each.operation)}</b> {each.ticket} <span class="quiet">{each.external_id && `→ ${each.external_id}`}</span>
              </summary>
              <Part label={t.document} value={each.document} />
            </details>
          </li>
        ))}
      </ul>
      <More list={list} />
    </>
  );
}
function Changes({ link }: { link: string }) {
  const list = usePages<RecordedChange>(`links/${encodeURIComponent(link)}/recorded-changes`, [`link:${link}`], { limit: 25 });
  if (!list.data) return list.problem ? <Failed problem={list.problem} retry={() => void list.reload()} /> : <Skeleton lines={6} />;
  if (!list.items.length) return <Empty icon={ArrowLeftRight} title={t.noTraffic} />;
  return (
    <>
      <ul class="records">
        {list.items.map((each) => (
          <li key={each.id}>
            <details>
              <summary>
                <Time at={each.at} exact /> {each.ticket || <span class="quiet">{t.unknownTicket}</span>}
              </summary>
              <div class="traffic-pair">
                <Part label={t.raw} value={each.raw} />
                <Part label={t.understood} value={each.changes} />
              </div>
            </details>
          </li>
        ))}
      </ul>
      <More list={list} />
    </>
  );
}

export function Traffic({ link }: { link: string }) {
  const way = parameters.value.get("way") === "from" ? "from" : "to";
  return (
    <>
      <div class="section-head">
        <p class="quiet">{t.trafficLead}</p>
        <div class="segments" role="group" aria-label={t.tabTraffic}>
          <button type="button" aria-pressed={way === "to"} onClick={() => setParameters({ way: null })}>
            {t.toThem}
          </button>
          <button type="button" aria-pressed={way === "from"} onClick={() => setParameters({ way: "from" })}>
            {t.fromThem}
          </button>
        </div>
      </div>
      {way === "to" ? <Writes link={link} /> : <Changes link={link} />}
    </>
  );
}
