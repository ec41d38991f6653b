const tasks: (() => unknown)[] = [];

/** Does something when the test is over: the last that was told comes first. */
export function afterTest(task: () => unknown): void {
  tasks.push(task);
}

export async function cleanUp(): Promise<void> {
  for (let task = tasks.pop(); task; task = tasks.pop()) await task();
}
