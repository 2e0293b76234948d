// One call and its answer, as they were kept: secrets are replaced before that.
import { number } from "~/base/words.ts";
import { CopyButton } from "../parts/copy.tsx";
import { Json, pretty } from "../parts/json.tsx";
import type { Exchange } from "../types.ts";
import { t } from "./words.ts";

type Headers = Exchange["request_headers"];
function headerLines(headers: Headers): [string, string][] {
  if (!headers) return [];
  if (typeof headers !== "string") return Object.entries(headers);
  return headers
    .split(/\r?\n/)
    .filter(Boolean)
    .map((line) => {
      const at = line.indexOf(":");
      return at < 0 ? [line, ""] : [line.slice(0, at), line.slice(at + 1).trim()];
    });
}
function part(headers: Headers, body: string | null): string {
  const lines = headerLines(headers).map(([name, value]) => (value ? `${name}: ${value}` : name));
  return `${lines.join("\n")}\n\n${body ?? ""}\n`;
}
// As it went over the wire, to paste into a letter to the supplier.
export function exchangeText(each: Exchange): string {
  return `${each.method} ${each.url}\n${part(each.request_headers, each.request_body)}\n${each.status || each.error || "-"}${each.ms === null ? "" : ` (${each.ms} ms)`}\n${part(each.response_headers, each.response_body)}`;
}

function Half({ title, headers, body, error }: { title: string; headers: Headers; body: string | null; error?: string }) {
  const lines = headerLines(headers);
  return (
    <div class="exchange-half">
      <h3>{title}</h3>
      {lines.length > 0 && (
        <details>
          <summary>
            {t.headers} ({number(lines.length)})
          </summary>
          <dl class="headers">
            {lines.map(([name, value], i) => (
              <div key={i}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </details>
      )}
      {error && (
        <p class="exchange-error">
          <bdi>{error}</bdi>
        </p>
      )}
      {body ? <Json value={body} label={`${title}: ${t.body}`} /> : !error && <p class="quiet small">{t.emptyBody}</p>}
    </div>
  );
}

export function ExchangeRow({ exchange, open }: { exchange: Exchange; open: boolean }) {
  const status = exchange.status ?? 0;
  return (
    <details class="exchange" open={open}>
      <summary>
        <b class="exchange-method">{exchange.method}</b> <span class="exchange-url">{exchange.url}</span>
        <span class={`exchange-status ${status >= 200 && status < 400 ? "is-ok" : "is-bad"}`}>{status || t.noAnswer}</span>
        {exchange.ms !== null && <span class="quiet small figures">{number(exchange.ms)} ms</span>}
      </summary>
      <div class="exchange-pair">
        <Half title={t.request} headers={exchange.request_headers} body={exchange.request_body} />
        {status || !exchange.error ? (
          <Half title={t.answer} headers={exchange.response_headers} body={exchange.response_body && pretty(exchange.response_body)} error={exchange.error ?? ""} />
        ) : (
          <Half title={t.noAnswer} headers={null} body={null} error={exchange.error} />
        )}
      </div>
      <div class="exchange-foot">
        {exchange.truncated && <span class="quiet small">{t.cut}</span>}
        <span class="quiet small">{t.masked}</span>
        <CopyButton text={() => exchangeText(exchange)} />
      </div>
    </details>
  );
}
