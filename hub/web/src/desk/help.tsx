// "?": every shortcut that works here and now.
import { shortcuts, shown } from "~/base/keys.ts";
import { Dialog } from "~/ui/dialog.tsx";
import { t } from "./words.ts";

export function Keys({ keys }: { keys: string }) {
  const sequence = keys.includes(" ") && !keys.includes("+");
  return (
    <span class="key-caps">
      {shown(keys).map((key, i) => [
        sequence && i > 0 && <span class="quiet"> {t.then} </span>,
        <kbd key={i}>{{ Escape: "Esc", Enter: "↵", ArrowDown: "↓", ArrowUp: "↑", shift: "Shift" }[key] ?? key}</kbd>,
      ])}
    </span>
  );
}

export function HelpDialog({ close }: { close: () => void }) {
  const groups = new Map<string, Map<string, string[]>>(); // what is done, and every key that does it
  for (const each of shortcuts.value) {
    const name = each.group ?? t.groupEverywhere;
    const group = groups.get(name) ?? new Map<string, string[]>();
    group.set(each.about, [...(group.get(each.about) ?? []), each.keys]);
    groups.set(name, group);
  }
  return (
    <Dialog title={t.keyboard} close={close} wide>
      <div class="help-groups">
        {[...groups].map(([group, list]) => (
          <section key={group}>
            <h3>{group}</h3>
            <dl class="help-keys">
              {[...list].map(([about, all]) => (
                <div key={about}>
                  <dt>{about}</dt>
                  <dd>
                    {all.map((keys, i) => [i > 0 && " ", <Keys key={keys} keys={keys} />])}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
        <section>
          <h3>{t.groupWriting}</h3>
          <dl class="help-keys">
            {(
              [
                [t.keySend, "mod+Enter"],
                [t.keyTemplates, "Alt+m"],
                [t.keyFold, "Escape"],
              ] as const
            ).map(([about, keys]) => (
              <div key={keys}>
                <dt>{about}</dt>
                <dd>
                  <Keys keys={keys} />
                </dd>
              </div>
            ))}
          </dl>
        </section>
      </div>
    </Dialog>
  );
}
