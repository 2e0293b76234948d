// The full report of a test: what was looked at, what it said, what to do.
import { CircleCheck, CircleDashed, CircleX, TriangleAlert, type IconNode } from "lucide";
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { api, asProblem, type ApiProblem } from "~/api/client.ts";
import { invalidate } from "~/api/cache.ts";
import { Dialog, DialogButtons } from "~/ui/dialog.tsx";
import { Badge, type Tone } from "~/ui/domain.tsx";
import { Icon } from "~/ui/icon.tsx";
import { Failed, Skeleton } from "~/ui/states.tsx";
import { t as ui } from "~/ui/words.ts";
import { CopyButton } from "../parts/copy.tsx";
import { Json, pretty } from "../parts/json.tsx";
import type { Finding, Link, LinkTest } from "../types.ts";
import { testing } from "./actions.tsx";
import { t } from "./words.ts";

const looks: Record<Finding["state"], [Tone, IconNode]> = { ok: ["ok", CircleCheck], warn: ["warning", TriangleAlert], fail: ["danger", CircleX], skip: ["neutral", CircleDashed] };
const order: Record<Finding["state"], number> = { fail: 0, warn: 1, ok: 2, skip: 3 };
function word(state: Finding["state"]) {
  return { ok: t.fOk, warn: t.fWarn, fail: t.fFail, skip: t.fSkip }[state] ?? state;
}

// What was looked at; a connector may have a word of its own for it.
function checkWord(check: string): string {
  const known: Record<string, string> = {
    name: t.cName, connection: t.cConnection, certificate: t.cCertificate, clock: t.cClock, credentials: t.cCredentials, rights: t.cRights, setup: t.cSetup, values: t.cValues, "dry-run": t.cDryRun,
  };
  return known[check] ?? check;
}

function FindingRow({ finding }: { finding: Finding }) {
  const [tone, icon] = looks[finding.state] ?? looks.skip;
  return (
    <li class="finding">
      <Badge tone={tone} icon={icon}>
        {word(finding.state)}
      </Badge>
      <div>
        <p class="finding-what">
          <bdi>{finding.detail}</bdi>
        </p>
        <p class="quiet small">
          {checkWord(finding.check)}
          {finding.subject && !finding.detail.toLowerCase().startsWith(finding.subject.toLowerCase()) ? ` · ${finding.subject}` : ""}
        </p>
        {finding.advice && <p>{finding.advice}</p>}
        {finding.requests !== undefined && finding.requests !== null && (
          <details>
            <summary>{t.wouldSend}</summary>
            <Json value={finding.requests} label={t.wouldSend} />
          </details>
        )}
      </div>
    </li>
  );
}

function asText(link: Link, report: LinkTest): string {
  const lines = report.findings.map((f) => `${f.state.padEnd(4)} ${f.check}${f.subject ? ` (${f.subject})` : ""}: ${f.detail}${f.advice ? `\n     ${f.advice}` : ""}${f.requests ? `\n${pretty(f.requests)}` : ""}`);
  return `${link.id}: ${report.ok ? "ok" : "not ok"}, ${report.took_ms} ms\n\n${lines.join("\n")}\n`;
}

function Report({ link }: { link: Link }) {
  const report = useSignal<LinkTest | undefined>(undefined);
  const problem = useSignal<ApiProblem | undefined>(undefined);
  const run = async () => {
    report.value = undefined;
    problem.value = undefined;
    try {
      report.value = await api.post<LinkTest>(`links/${encodeURIComponent(link.id)}/test`, {});
      invalidate("links", `link:${link.id}`);
    } catch (failed) {
      problem.value = asProblem(failed);
    }
  };
  useEffect(() => void run(), []);
  const close = () => {
    testing.value = undefined;
  };
  const got = report.value;
  const bad = got?.findings.filter((each) => each.state === "fail").length ?? 0;
  return (
    <Dialog title={t.testTitle(link.supplier)} close={close} wide>
      {problem.value ? (
        <Failed problem={problem.value} retry={() => void run()} />
      ) : !got ? (
        <>
          <p class="quiet">{t.testing}</p>
          <Skeleton lines={6} />
        </>
      ) : (
        <div role="status">
          <p class={`verdict verdict-${got.ok ? "ok" : "danger"}`}>
            <Icon of={got.ok ? CircleCheck : CircleX} size={20} /> {got.ok ? t.testOk : t.testBad(Math.max(1, bad))}
          </p>
          <p class="quiet small">
            {t.testTook(got.took_ms)} {t.testEnglish}
          </p>
          <ul class="findings">
            {[...got.findings]
              .sort((a, b) => order[a.state] - order[b.state])
              .map((each, i) => (
                <FindingRow key={i} finding={each} />
              ))}
          </ul>
        </div>
      )}
      <DialogButtons>
        {got && <CopyButton text={() => asText(link, got)} />}
        <button type="button" onClick={() => void run()} aria-disabled={!got && !problem.value}>
          {t.again}
        </button>
        <button type="button" class="primary" onClick={close}>
          {ui.close}
        </button>
      </DialogButtons>
    </Dialog>
  );
}

export function TestReport() {
  const link = testing.value;
  return link ? <Report key={link.id} link={link} /> : null;
}
