interface Calls {
  ends: Set<() => void>;
  endAll: () => void;
}

const callsOf = new WeakMap<AbortSignal, Calls>();

/**
 * Calls `end` when the signal is aborted. However many ask, the signal has one listener: one for each call took 4 us a
 * call, and the more the more calls are in flight.
 *
 * @returns takes it back; with the last one the listener is gone as well
 */
export function onAbort(signal: AbortSignal, end: () => void): () => void {
  const { ends, endAll } = callsOf.get(signal) ?? newCalls(signal);
  if (ends.size === 0) signal.addEventListener("abort", endAll);
  ends.add(end);
  return () => {
    ends.delete(end);
    if (ends.size === 0) signal.removeEventListener("abort", endAll);
  };
}

function newCalls(signal: AbortSignal): Calls {
  const ends = new Set<() => void>();
  const endAll = (): void => {
    for (const end of ends) end();
  };
  const calls = { ends, endAll };
  callsOf.set(signal, calls);
  return calls;
}
