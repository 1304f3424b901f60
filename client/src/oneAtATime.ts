/**
 * Makes of an action one that never runs twice at once: asked for while it runs, it runs once more behind that, however often it was
 * asked for. What goes wrong is told to `onError`.
 */
export function oneAtATime(action: () => Promise<void>, onError: (error: unknown) => void): () => void {
  let isRunning = false;
  let isWanted = false;
  const run = (): void => {
    isRunning = true;
    isWanted = false;
    void action()
      .catch(onError)
      .finally(() => {
        isRunning = false;
        if (isWanted) run();
      });
  };
  return () => {
    if (isRunning) isWanted = true;
    else run();
  };
}
