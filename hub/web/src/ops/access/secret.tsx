// Something that is shown this once: a token, a link by which somebody sets a password.
import { Dialog, DialogButtons } from "~/ui/dialog.tsx";
import { CopyButton } from "../parts/copy.tsx";
import { t } from "./words.ts";

export interface Shown {
  title: string;
  text: string;
  label: string;
  secret: string;
}
export function SecretDialog({ shown, close }: { shown: Shown; close: () => void }) {
  return (
    <Dialog title={shown.title} close={close}>
      <p>{shown.text}</p>
      <div class="secret">
        <input type="text" readOnly value={shown.secret} aria-label={shown.label} onFocus={(e) => e.currentTarget.select()} autofocus />
        <CopyButton text={() => shown.secret} />
      </div>
      <DialogButtons>
        <button type="button" class="primary" onClick={close}>
          {t.done}
        </button>
      </DialogButtons>
    </Dialog>
  );
}
