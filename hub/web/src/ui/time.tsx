import { dateAndTime, relative } from "~/base/time.ts";

// "3 minutes ago", with the whole time on hover and for machines.
export function Time({ at, exact }: { at: string; exact?: boolean }) {
  return (
    <time dateTime={at} title={dateAndTime(at)}>
      {exact ? dateAndTime(at) : relative(at)}
    </time>
  );
}
