import type { Performed, Scene } from './context.ts';
import type { Output, World } from './world.ts';

/** Runs one command line in this process, in a world of its own: nobody to ask, nothing on standard input, output kept. */
export async function performCommand(world: World, argv: readonly string[], { cwd, now }: Scene): Promise<Performed> {
  // here, because the program imports the context
  const { main } = await import('../main.ts');
  const stdout = collect();
  const stderr = collect();
  const { JOULEMARK_HOME: _home, ...env } = world.env;
  const status = await main(argv, {
    env,
    cwd,
    stdin: (async function* () {})(),
    stdout: stdout.output,
    stderr: stderr.output,
    terminal: undefined,
    now: () => now,
    random: (length) => world.random(length),
    onSignal: (listener) => world.onSignal(listener),
  });
  return { status, stdout: stdout.text(), stderr: stderr.text() };
}

function collect(): { readonly output: Output; readonly text: () => string } {
  const decoder = new TextDecoder();
  let text = '';
  return {
    output: {
      isTerminal: false,
      write: async (data) => {
        text += typeof data === 'string' ? data : decoder.decode(data);
      },
    },
    text: () => text,
  };
}
