import { useEffect, useRef, useState } from "preact/hooks";

// A value that has rested for a while: what is typed is looked up when the fingers pause.
export function useRested<T>(value: T, milliseconds: number): T {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), milliseconds);
    return () => clearTimeout(timer);
  }, [value]);
  return rested;
}

// The last answer there was, while the next one is on its way: a list does not blink between two words.
export function useKept<T>(value: T | undefined): T | undefined {
  const kept = useRef(value);
  if (value !== undefined) kept.current = value;
  return kept.current;
}
