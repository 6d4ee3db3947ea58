import { useEffect, useState } from "preact/hooks";

/** Renders again every so often; for what counts by itself. */
export function useNow(everyMs: number): void {
  const [, again] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => again((count) => count + 1), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
}
