// What somebody wants to be told, and how: with an account, or by the link at the end of a letter.
import { useSignal, type Signal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { BellOff, Link2Off } from "lucide";
import { api } from "~/api/client.ts";
import { useGet, type Got } from "~/api/cache.ts";
import { session } from "~/api/session.ts";
import { parameters, title } from "~/base/router.tsx";
import { CheckField, Form, SelectField, SubmitButton, TextField, useForm, type Mistake } from "~/ui/form.tsx";
import { Empty, Loaded } from "~/ui/states.tsx";
import { toast } from "~/ui/toast.tsx";
import { t } from "./notification_words.ts";

interface Kind {
  kind: string;
  mail: boolean;
  portal: boolean;
  locked: boolean;
}
interface Preferences {
  kinds: Kind[];
  digest: "off" | "daily" | "weekly";
  digest_at: string;
  quiet: { from: string; until: string } | null;
}

function kindWord(kind: string): string {
  const known: Record<string, string> = {
    registered: t.registered,
    replied: t.replied,
    status_changed: t.status_changed,
    waiting_for_you: t.waiting_for_you,
    approval_needed: t.approval_needed,
    approval_decided: t.approval_decided,
    solved: t.solved,
    closed: t.closed,
    reopened: t.reopened,
    added: t.added,
    major_incident: t.major_incident,
  };
  return known[kind] ?? kind;
}

// Only approvers are asked for a yes; of whoever comes by a letter it is not known.
function concernsReader({ kind }: Kind): boolean {
  return kind !== "approval_needed" || session.value?.role !== "user";
}

const clockTime = /^([01]\d|2[0-3]):[0-5]\d$/;
const usualQuiet = { from: "20:00", until: "07:00" };

function Ways({ kinds }: { kinds: Signal<readonly Kind[]> }) {
  const put = (kind: string, way: "mail" | "portal", on: boolean) => (kinds.value = kinds.value.map((each) => (each.kind === kind ? { ...each, [way]: on } : each)));
  const putMail = (on: boolean) => (kinds.value = kinds.value.map((each) => (each.locked && !on && !each.portal ? each : { ...each, mail: on })));
  return (
    <>
      <div class="told-ways-quickly" role="group" aria-label={t.quickly}>
        <button type="button" onClick={() => putMail(true)}>
          {t.allMail}
        </button>
        <button type="button" onClick={() => putMail(false)}>
          {t.noMail}
        </button>
      </div>
      <table class="told-ways">
        <thead>
          <tr>
            <th scope="col">{t.kind}</th>
            <th scope="col">{t.mail}</th>
            <th scope="col">{t.portal}</th>
          </tr>
        </thead>
        <tbody>
          {kinds.value.filter(concernsReader).map((each) => (
            <tr key={each.kind}>
              <th scope="row">
                {kindWord(each.kind)}
                {each.locked && <span class="hint">{t.locked}</span>}
              </th>
              {(["mail", "portal"] as const).map((way) => (
                <td key={way}>
                  <label class="told-way">
                    <input type="checkbox" name={`${each.kind}-${way}`} checked={each[way]} aria-label={t.both(kindWord(each.kind), way === "mail" ? t.mail : t.portal)} onChange={(e) => put(each.kind, way, e.currentTarget.checked)} />
                  </label>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

// `heading`: the level below the page's own.
function PreferencesForm({ given, got, path, heading: H }: { given: Preferences; got: Got<Preferences>; path: string; heading: "h2" | "h3" }) {
  const form = useForm();
  const kinds = useSignal<readonly Kind[]>(given.kinds);
  const digest = useSignal<string>(given.digest);
  const digestAt = useSignal(given.digest_at);
  const quiet = useSignal(given.quiet !== null);
  const from = useSignal(given.quiet?.from ?? usualQuiet.from);
  const until = useSignal(given.quiet?.until ?? usualQuiet.until);
  const check = (): Mistake[] => {
    const wrong: Mistake[] = kinds.peek().flatMap((each) => (each.locked && !each.mail && !each.portal ? [{ name: `${each.kind}-mail`, text: t.lockedMissing(kindWord(each.kind)) }] : []));
    if (digest.peek() !== "off" && !clockTime.test(digestAt.peek())) wrong.push({ name: "digest_at", text: t.timeMissing });
    if (!quiet.peek()) return wrong;
    for (const [name, time] of [["quiet_from", from], ["quiet_until", until]] as const) if (!clockTime.test(time.peek())) wrong.push({ name, text: t.timeMissing });
    if (from.peek() === until.peek()) wrong.push({ name: "quiet_until", text: t.quietSame });
    return wrong;
  };
  const save = async () => {
    const saved = await api.put<Preferences>(path, {
      kinds: kinds.peek().map(({ kind, mail, portal }) => ({ kind, mail, portal })),
      digest: digest.peek(),
      ...(clockTime.test(digestAt.peek()) && { digest_at: digestAt.peek() }),
      quiet: quiet.peek() ? { from: from.peek(), until: until.peek() } : null,
    });
    got.expect(() => saved); // whoever comes back finds what is so now
    toast(t.saved, { tone: "ok" });
  };
  return (
    <Form state={form} class="preferences" onSubmit={() => void form.submit(check, save)}>
      <Ways kinds={kinds} />
      <H>{t.when}</H>
      <div class="preference-times">
        <SelectField
          value={digest}
          name="digest"
          label={t.digest}
          hint={t.digestHint}
          choices={[
            ["off", t.digestOff],
            ["daily", t.digestDaily],
            ["weekly", t.digestWeekly],
          ]}
        />
        {digest.value !== "off" && <TextField value={digestAt} name="digest_at" type="time" label={t.digestAt} error={form.error("digest_at")} />}
      </div>
      <fieldset class="choices">
        <legend>{t.quiet}</legend>
        <CheckField checked={quiet} name="quiet" label={t.quietOn} hint={t.quietHint} />
        {quiet.value && (
          <div class="preference-times">
            <TextField value={from} name="quiet_from" type="time" label={t.from} error={form.error("quiet_from")} />
            <TextField value={until} name="quiet_until" type="time" label={t.until} error={form.error("quiet_until")} />
          </div>
        )}
      </fieldset>
      <div class="buttons">
        <SubmitButton state={form}>{t.save}</SubmitButton>
      </div>
    </Form>
  );
}

export function OwnNotifications() {
  title.value = t.title;
  const got = useGet<Preferences>(session.value?.person ? "account/notifications" : null);
  return (
    <>
      <h2>{t.title}</h2>
      {session.value?.person ? (
        <>
          <p class="quiet">{t.lead}</p>
          <Loaded got={got} lines={10}>
            {(data) => <PreferencesForm given={data} got={got} path="account/notifications" heading="h3" />}
          </Loaded>
        </>
      ) : (
        <Empty icon={BellOff} title={t.notPerson}>
          <p>{t.notPersonText}</p>
        </Empty>
      )}
    </>
  );
}

export function NotificationsByLetter() {
  title.value = t.title;
  const token = parameters.value.get("token") ?? "";
  const path = useMemo(() => `notification-preferences/${encodeURIComponent(token)}`, [token]);
  const got = useGet<Preferences>(token ? path : null);
  const bad = !token || got.problem?.status === 404;
  return (
    <div class="page account">
      <h1>{t.title}</h1>
      {bad ? (
        <Empty icon={Link2Off} title={t.badLinkTitle}>
          <p>{t.badLink}</p>
          <a class="button" href="/sign-in?to=/account/notifications">
            {t.signIn}
          </a>
        </Empty>
      ) : (
        <>
          <p class="quiet">{t.lead}</p>
          <p class="quiet">{t.leadByLetter}</p>
          <Loaded got={got} lines={10}>
            {(data) => <PreferencesForm given={data} got={got} path={path} heading="h2" />}
          </Loaded>
        </>
      )}
    </div>
  );
}
