// What stands at the end of a conversation: the box to write in; once solved, the question whether it is; once closed,
// the rating and the way back.
import { useSignal, type Signal } from "@preact/signals";
import { CircleCheck } from "lucide";
import { api, asProblem } from "~/api/client.ts";
import { invalidate } from "~/api/cache.ts";
import type { Ticket, TicketDetail } from "~/api/types.ts";
import { Icon } from "~/ui/icon.tsx";
import { toast } from "~/ui/toast.tsx";
import { AnswerBox } from "./answer_box.tsx";
import { Rating } from "./rating.tsx";
import { mayIn } from "./standing.tsx";
import { t } from "./words.ts";

export const boxId = "answer-box";

export interface EndingOptions {
  ticket: TicketDetail;
  writing: Signal<boolean>;
  change: (change: (data: TicketDetail) => TicketDetail) => void;
  reload: () => Promise<void>;
}

export function Ending(options: EndingOptions) {
  const { ticket } = options;
  const mayWrite = mayIn(ticket, "reply") || mayIn(ticket, "reopen");
  return (
    <div id={boxId} class="ending no-print">
      {ticket.status === "resolved" && mayIn(ticket, "close") ? (
        <Solved {...options} />
      ) : ticket.status === "closed" ? (
        <Closed {...options} mayWrite={mayWrite} />
      ) : mayWrite ? (
        <AnswerBox {...options} label={t.writeLabel} send={t.send} />
      ) : (
        <p class="quiet">{t.noReply}</p>
      )}
    </div>
  );
}

function Solved(options: EndingOptions) {
  const { ticket, change, reload } = options;
  const remains = useSignal(false);
  const busy = useSignal(false);
  const confirm = async () => {
    if (busy.peek()) return;
    busy.value = true;
    try {
      const closed = await api.post<Ticket>(`tickets/${ticket.id}/close`);
      change((data) => ({ ...data, status: closed.status, version: closed.version, closed_at: closed.closed_at, may: undefined, next: undefined }));
      invalidate("tickets");
      toast(t.thanksSolved, { tone: "ok" });
      await reload();
    } catch (failed) {
      toast(asProblem(failed).message, { tone: "danger" });
      void reload();
    } finally {
      busy.value = false;
    }
  };
  if (remains.value) return <AnswerBox {...options} label={t.whatRemains} send={t.sendReopen} focus />;
  return (
    <section class="solved" aria-labelledby="solved">
      <h2 id="solved">{t.isItSolved}</h2>
      <div class="buttons">
        <button type="button" class="primary" aria-disabled={busy.value} onClick={() => void confirm()}>
          <Icon of={CircleCheck} /> {t.yesSolved}
        </button>
        <button type="button" onClick={() => (remains.value = true)}>
          {t.notSolved}
        </button>
      </div>
    </section>
  );
}

function Closed({ mayWrite, ...options }: EndingOptions & { mayWrite: boolean }) {
  const { ticket, change } = options;
  const again = useSignal(false);
  return (
    <>
      {(ticket.rating || mayIn(ticket, "rate")) && <Rating ticket={ticket} change={change} />}
      {mayWrite &&
        (again.value ? (
          <AnswerBox {...options} label={t.whatHappened} send={t.sendReopen} focus />
        ) : (
          <p class="come-back">
            {t.isItBack}{" "}
            <button type="button" class="link" onClick={() => (again.value = true)}>
              {t.openAgain}
            </button>
          </p>
        ))}
    </>
  );
}
