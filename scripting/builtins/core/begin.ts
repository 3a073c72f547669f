// What built-in modules do when a run begins: they are evaluated long before, for a snapshot, when there is no job yet.
const actions: (() => void)[] = [];

/** `action` is called at the begin of each run, before any script. */
export function atBegin(action: () => void): void {
  actions.push(action);
}

export function begin(): void {
  for (const action of actions) action();
}
