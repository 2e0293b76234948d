// The foot of a list in pages: the next of them, or why it did not come.
import type { ApiProblem } from "~/api/client.ts";
import { t } from "./words.ts";

export function More({ list }: { list: { next: string | null; more: () => Promise<void>; loadingMore: boolean; moreProblem: ApiProblem | undefined } }) {
  if (!list.next && !list.moreProblem) return null;
  return (
    <div class="more">
      {list.moreProblem && (
        <p class="field-error" role="alert">
          {list.moreProblem.message}
        </p>
      )}
      <button type="button" onClick={() => void list.more()} aria-disabled={list.loadingMore}>
        {t.more}
        {list.loadingMore && <span class="busy" aria-hidden="true" />}
      </button>
    </div>
  );
}
