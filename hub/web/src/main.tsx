// Which place the reader is in. Each place is fetched when somebody goes there.
import { render, type ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { signal } from "@preact/signals";
import { asProblem, signedOut, type ApiProblem } from "~/api/client.ts";
import { loadSession, session, signedIn, staff } from "~/api/session.ts";
import { go, path } from "~/base/router.tsx";
import { Failed, Skeleton } from "~/ui/states.tsx";

const places = {
  account: () => import("~/account/index.tsx"),
  portal: () => import("~/portal/index.tsx"),
  desk: () => import("~/desk/index.tsx"),
  ops: () => import("~/ops/index.tsx"),
  statistics: () => import("~/statistics/index.tsx"),
};
const overlay = signal<ComponentType | undefined>(undefined); // the sign-in over a page whose session has ended
type Place = keyof typeof places;
const loaded = signal<Partial<Record<Place, ComponentType>>>({});
const trouble = signal<ApiProblem | undefined>(undefined);

function placeOf(at: string): Place {
  const first = at.split("/")[1] ?? "";
  if (["sign-in", "reset", "account", "notifications"].includes(first)) return "account";
  if (first === "desk" || first === "ops" || first === "statistics") return signedIn.value ? first : "account";
  return signedIn.value || first === "guidance" ? "portal" : "account";
}

async function load(place: Place) {
  try {
    const { default: Page } = await places[place]();
    loaded.value = { ...loaded.value, [place]: Page };
    trouble.value = undefined;
  } catch {
    trouble.value = asProblem(new TypeError("a part of the pages did not come")); // offline, or a newer version is out
  }
}

function App() {
  const known = session.value !== undefined;
  const place = known ? placeOf(path.value) : undefined;
  useEffect(() => {
    if (place && !loaded.value[place]) void load(place);
  }, [place]);
  useEffect(() => {
    if (known && signedIn.value && staff.value && path.value === "/") go("/desk", { replace: true });
  }, [known, signedIn.value, staff.value, path.value]);
  const ended = signedOut.value > 0 && signedIn.value;
  useEffect(() => {
    if (!ended || overlay.value) return;
    import("~/account/sign_in_again.tsx").then(
      (part) => (overlay.value = part.SignInAgain),
      () => undefined, // no contact: the page says so already, and the next attempt comes here again
    );
  }, [ended, signedOut.value]);
  if (trouble.value) return <Failed problem={trouble.value} retry={() => window.location.reload()} />;
  const Page = place ? loaded.value[place] : undefined;
  const SignInAgain = overlay.value;
  return (
    <>
      {Page ? <Page /> : <Skeleton lines={6} />}
      {ended && SignInAgain && <SignInAgain />}
    </>
  );
}

async function start() {
  const root = document.getElementById("app")!;
  render(<App />, root);
  try {
    await loadSession();
  } catch (failed) {
    trouble.value = asProblem(failed);
  }
}
void start();
