// What stands at the end of a conversation: the box to write in; once solved, the question whether it is; once closed,
// the rating and the way back. Who is writing when that changes keeps his box, with all that is in it.
import { useSignal } from "@preact/signals";
import { CircleCheck } from "lucide";
import { api, asProblem } from "~/api/client.ts";
import { invalidate } from "~/api/cache.ts";
import type { Ticket } from "~/api/types.ts";
import { draft } from "~/base/drafts.ts";
import { Icon } from "~/ui/icon.tsx";
import { toast } from "~/ui/toast.tsx";
import { t as approvals } from "./approval_words.ts";
import { AnswerBox } from "./answer_box.tsx";
import type { EndingOptions } from "./ending_options.ts";
import { Rating } from "./rating.tsx";
import { mayIn } from "./standing.tsx";
import { t } from "./words.ts";

export const boxId = "answer-box";

export function Ending(options: EndingOptions) {
  const { ticket, talk, change } = options;
  const mayWrite = mayIn(ticket, "reply") || mayIn(ticket, "reopen");
  const asked = useSignal(draft(`reply.${ticket.id}`).peek() !== ""); // for the box on a ticket that is solved or closed
  const justNow = useSignal(false); // asked for by a press: the focus goes there
  const ask = () => {
    asked.value = justNow.value = true;
  };
  const solved = ticket.status === "resolved" && mayIn(ticket, "close");
  const closed = ticket.status === "closed";
  if (ticket.status === "closed" && !mayIn(ticket, "reopen") && ticket.relations?.some((each) => each.kind === "duplicate_of")) return null; // it goes on elsewhere
  const box = mayWrite && ((!solved && !closed) || asked.value || talk.writing.value);
  const label = !box ? "" : solved ? t.whatRemains : closed ? t.whatHappened : t.writeLabel;
  return (
    <div id={boxId} class="ending no-print">
      {solved && <Solved {...options} more={mayWrite && !box ? ask : undefined} />}
      {closed && (ticket.rating || mayIn(ticket, "rate")) && <Rating ticket={ticket} change={change} />}
      {closed && mayWrite && !box && (
        <p class="come-back">
          {t.isItBack}{" "}
          <button type="button" class="link" onClick={ask}>
            {t.openAgain}
          </button>
        </p>
      )}
      {box && (
        <AnswerBox key="box" {...options} label={label} send={solved || closed ? t.sendReopen : t.send} focus={justNow.value} sent={() => (asked.value = justNow.value = false)} />
      )}
      {!mayWrite && !solved && !closed && <p class="quiet">{t.noReply}</p>}
    </div>
  );
}

function Solved({ ticket, talk, change, reload, more }: EndingOptions & { more: (() => void) | undefined }) {
  const busy = useSignal(false);
  const refused = ticket.approval?.state === "rejected"; // nothing was solved, but it may be over
  const confirm = async () => {
    if (busy.peek()) return;
    busy.value = true;
    try {
      const closed = await api.post<Ticket>(`tickets/${ticket.id}/close`);
      talk.acted.value += 1;
      change((data) => ({ ...data, status: closed.status, version: closed.version, closed_at: closed.closed_at, may: undefined, next: undefined }));
      invalidate("tickets");
      toast(refused ? approvals.ended : t.thanksSolved, { tone: "ok" });
      await reload();
    } catch (failed) {
      toast(asProblem(failed).message, { tone: "danger" });
      void reload();
    } finally {
      busy.value = false;
    }
  };
  return (
    <section class="solved" aria-labelledby="solved">
      <h2 id="solved">{refused ? approvals.whatNow : t.isItSolved}</h2>
      <div class="buttons">
        <button type="button" class="primary" aria-disabled={busy.value} onClick={() => void confirm()}>
          <Icon of={CircleCheck} /> {refused ? approvals.endIt : t.yesSolved}
        </button>
        {more && (
          <button type="button" onClick={more}>
            {refused ? approvals.answerIt : t.notSolved}
          </button>
        )}
      </div>
    </section>
  );
}
