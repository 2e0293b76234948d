// How it went: five steps in words, and a few of the reader's own.
import { useSignal } from "@preact/signals";
import { Star } from "lucide";
import { api } from "~/api/client.ts";
import type { TicketDetail } from "~/api/types.ts";
import { Form, SubmitButton, TextArea, useForm } from "~/ui/form.tsx";
import { Icon } from "~/ui/icon.tsx";
import { toast } from "~/ui/toast.tsx";
import { mayIn } from "./standing.tsx";
import { t } from "./words.ts";

export function Rating({ ticket, change }: { ticket: TicketDetail; change: (change: (data: TicketDetail) => TicketDetail) => void }) {
  const form = useForm();
  const score = useSignal(0);
  const text = useSignal("");
  const anew = useSignal(false);
  if (ticket.rating && !anew.value) {
    return (
      <p class="rated">
        <Icon of={Star} /> {t.rated(t.scores[ticket.rating.score - 1] ?? "")}
        {mayIn(ticket, "rate") && (
          <button type="button" class="link" onClick={() => (anew.value = true)}>
            {t.rateChange}
          </button>
        )}
      </p>
    );
  }
  const send = async () => {
    const given = { score: score.peek(), text: text.peek().trim() };
    await api.post(`tickets/${ticket.id}/rating`, { score: given.score, ...(given.text && { text: given.text }) });
    anew.value = false;
    change((data) => ({ ...data, rating: { ...given, at: new Date().toISOString() } }));
    toast(t.rateThanks, { tone: "ok" });
  };
  const wrong = form.error("score");
  return (
    <section class="rating" aria-labelledby="rating">
      <h2 id="rating">{t.rateTitle}</h2>
      <Form state={form} onSubmit={() => void form.submit(() => (score.peek() ? [] : [{ name: "score", text: t.rateMissing }]), send)}>
        <fieldset class={wrong ? "field-wrong" : ""} {...(wrong && { "aria-describedby": "rating-wrong" })}>
          <legend>{t.rateLegend}</legend>
          {wrong && (
            <p class="field-error" id="rating-wrong">
              {wrong}
            </p>
          )}
          <div class="scores">
            {t.scores.map((word, i) => (
              <label key={i}>
                <input type="radio" name="score" value={i + 1} checked={score.value === i + 1} onChange={() => (score.value = i + 1)} />
                <span>{word}</span>
              </label>
            ))}
          </div>
        </fieldset>
        {score.value > 0 && <TextArea value={text} name="text" label={t.rateText} optional rows={3} error={form.error("text")} />}
        <SubmitButton state={form}>{t.rateSend}</SubmitButton>
      </Form>
    </section>
  );
}
