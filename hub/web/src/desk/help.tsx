// "?": every shortcut that works here and now.
import { shortcuts, shown } from "~/base/keys.ts";
import { Dialog } from "~/ui/dialog.tsx";
import { t } from "./words.ts";

export function Keys({ keys }: { keys: string }) {
  const sequence = keys.includes(" ") && !keys.includes("+");
  return (
    <span class="keys">
      {shown(keys).map((key, i) => [
        sequence && i > 0 && <span class="quiet"> {t.then} </span>,
        <kbd key={i}>{{ Escape: "Esc", Enter: "↵", ArrowDown: "↓", ArrowUp: "↑", shift: "Shift" }[key] ?? key}</kbd>,
      ])}
    </span>
  );
}

export function HelpDialog({ close }: { close: () => void }) {
  const groups = new Map<string, { keys: string; about: string }[]>();
  for (const each of shortcuts.value) {
    const group = each.group ?? t.groupEverywhere;
    groups.set(group, [...(groups.get(group) ?? []), each]);
  }
  return (
    <Dialog title={t.keyboard} close={close} wide>
      <div class="help-groups">
        {[...groups].map(([group, list]) => (
          <section key={group}>
            <h3>{group}</h3>
            <dl class="help-keys">
              {list.map((each) => (
                <div key={each.keys + each.about}>
                  <dt>{each.about}</dt>
                  <dd>
                    <Keys keys={each.keys} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}
