// The agent console: views, list and ticket beside each other; on a narrow screen one at a time.
import { signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Command, Menu as MenuIcon, Search } from "lucide";
import { may, staff } from "~/api/session.ts";
import { useShortcuts, type Shortcut } from "~/base/keys.ts";
import { go, match, parameters, path, title } from "~/base/router.tsx";
import { ForAgents } from "~/ui/for_agents.tsx";
import { Frame } from "~/ui/frame.tsx";
import { Icon } from "~/ui/icon.tsx";
import { NotFound } from "~/ui/not_found.tsx";
import { useDirectory } from "./directory.ts";
import { DraftsPage } from "./drafts.tsx";
import { shownBy } from "./filters.ts";
import { HelpDialog } from "./help.tsx";
import { headingOf, TicketList } from "./list.tsx";
import { Palette } from "./palette.tsx";
import { ArticlePage, ArticlesPage } from "./articles/page.tsx";
import { NewTicketPage } from "./new/page.tsx";
import { TemplatesPage } from "./templates/page.tsx";
import { NoticePage, NoticesPage } from "./notices/page.tsx";
import { TicketPage } from "./ticket/page.tsx";
import { recoverDrafts } from "./ticket/sending.ts";
import { undo } from "./undo.ts";
import { useViews, ViewsColumn } from "./views.tsx";
import { t } from "./words.ts";

const fullName = "ombud.desk.full";

// Room for a table; cards otherwise.
const room800 = window.matchMedia("(min-width: 801px)");
const roomy = signal(room800.matches);
room800.addEventListener("change", () => (roomy.value = room800.matches));

function SearchField() {
  const field = useRef<HTMLInputElement>(null);
  const asked = parameters.value.get("q") ?? "";
  useShortcuts([{ keys: "/", about: t.keySearch, group: t.groupEverywhere, run: () => field.current?.select() }], []);
  return (
    <form
      role="search"
      class="desk-search"
      onSubmit={(event) => {
        event.preventDefault();
        const q = field.current?.value.trim() ?? "";
        go(q ? `/desk?q=${encodeURIComponent(q)}` : "/desk");
        field.current?.blur();
      }}
    >
      <Icon of={Search} />
      <input ref={field} type="search" name="q" aria-label={t.search} placeholder={t.search} defaultValue={asked} key={asked} autocomplete="off" />
    </form>
  );
}

export default function Place() {
  return staff.value ? <Console /> : <ForAgents />;
}

function Console() {
  const at = path.value;
  const views = useViews();
  const directory = useDirectory();
  const shown = shownBy(parameters.value, views.data?.items ?? []);
  const drawer = useSignal(false);
  const palette = useSignal(false);
  const help = useSignal(false);
  const full = useSignal(sessionStorage.getItem(fullName) === "on");
  const found = match("/desk/tickets/:id", at);
  const openId = found && /^\d+$/.test(found.id ?? "") ? Number(found.id) : null;
  const atList = at === "/desk" || at === "/desk/";
  const room = atList || openId !== null ? null : (match("/desk/:room/*", at) ?? match("/desk/:room", at));
  const toggleFull = useRef(() => {
    full.value = !full.peek();
    sessionStorage.setItem(fullName, full.peek() ? "on" : "off");
  }).current;

  useEffect(() => {
    if (atList) title.value = headingOf(shown);
  }, [atList, headingOf(shown)]);
  useEffect(() => {
    drawer.value = false;
  }, [at]);

  useEffect(recoverDrafts, []);

  const places = [
    ...(may("notice.read") ? [{ label: t.notices, to: "/desk/notices" }] : []),
    ...(may("article.read") ? [{ label: t.articles, to: "/desk/articles" }] : []),
    ...(may("ticket.work") ? [{ label: t.templates, to: "/desk/templates" }] : []),
    { label: t.drafts, to: "/desk/drafts" },
  ];
  const group = t.groupEverywhere;
  const list: Shortcut[] = [
    { keys: "mod+k", about: t.keyPalette, group, evenWhileTyping: true, run: () => (palette.value = !palette.peek()) },
    { keys: "?", about: t.keyHelp, group, run: () => (help.value = true) },
    { keys: "z", about: t.keyUndo, group, run: () => void undo() },
    { keys: "g m", about: t.keyGo(t.viewMine), group, run: () => go("/desk?view=mine") },
    { keys: "g o", about: t.keyGo(t.viewUnassigned), group, run: () => go("/desk?view=unassigned") },
    { keys: "g a", about: t.keyGo(t.viewAllOpen), group, run: () => go("/desk?view=all_open") },
    { keys: "g d", about: t.keyGo(t.drafts), group, run: () => go("/desk/drafts") },
  ];
  if (may("ticket.work")) list.push({ keys: "c", about: t.keyNew, group, run: () => go("/desk/new") });
  useShortcuts(list, [t.keyHelp]);

  const body = () => {
    const part = match("/desk/:room/:id", at)?.id;
    const id = part && /^\d+$/.test(part) ? Number(part) : null;
    if (part && id === null && at !== "/desk/articles/new") return <NotFound />;
    switch (room?.room) {
      case "drafts":
        return <DraftsPage />;
      case "new":
        return may("ticket.register") ? <NewTicketPage directory={directory} /> : <NotFound />;
      case "notices":
        return id ? <NoticePage key={id} id={id} directory={directory} /> : <NoticesPage directory={directory} />;
      case "articles":
        return part ? <ArticlePage key={part} id={id} directory={directory} /> : <ArticlesPage directory={directory} />;
      case "templates":
        return may("ticket.work") ? <TemplatesPage directory={directory} /> : <NotFound />;
      default:
        return <NotFound />;
    }
  };
  const wide = openId === null && roomy.value;
  const tools = (
    <>
      <SearchField />
      <button type="button" class="plain icon-button palette-button" aria-label={t.keyPalette} title={`${t.commands} (Ctrl K)`} onClick={() => (palette.value = true)}>
        <Icon of={Command} />
      </button>
    </>
  );
  return (
    <Frame wide tools={tools}>
      <div class={`desk ${openId !== null ? "desk-at-ticket" : room ? "desk-at-room" : "desk-at-list"} ${full.value && openId !== null ? "desk-full" : ""}`}>
        <button type="button" class="plain desk-views-button" aria-expanded={drawer.value} onClick={() => (drawer.value = !drawer.value)}>
          <Icon of={MenuIcon} /> {t.views}
        </button>
        <div class={`desk-views ${drawer.value ? "desk-views-open" : ""}`} onClick={(event) => event.target === event.currentTarget && (drawer.value = false)}>
          <ViewsColumn shown={shown} views={views} chosen={() => (drawer.value = false)} />
        </div>
        {!room && (
          <div class="desk-list">
            <TicketList shown={shown} views={views} directory={directory} wide={wide} openId={openId} />
          </div>
        )}
        {openId !== null && (
          <div class="desk-ticket">
            <TicketPage id={openId} directory={directory} full={full.value} toggleFull={toggleFull} />
          </div>
        )}
        {room && <div class="desk-room">{body()}</div>}
      </div>
      {palette.value && <Palette close={() => (palette.value = false)} views={views.data?.items ?? []} directory={directory} places={places} />}
      {help.value && <HelpDialog close={() => (help.value = false)} />}
    </Frame>
  );
}
