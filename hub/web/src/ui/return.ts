import { useEffect } from "preact/hooks";
import { restoreScroll } from "~/base/router.tsx";

// When what a page shows is there: who came back by "back" stands where he was.
export function useReturn(ready: boolean) {
  useEffect(() => {
    if (ready) restoreScroll();
  }, [ready]);
}
