import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from '../../src/main.ts';
import { createTranscriptWorld, textOf } from './transcript-world.ts';

/** What `joulemark demo` printed, in order, and how it ended. */
export interface DemoRun {
  readonly status: number;
  readonly lines: readonly string[];
  readonly stderr: string;
}

/** Runs the demo in this process, with the clock, keys and git hub that it makes itself. */
export async function runDemoOnce(): Promise<DemoRun> {
  const folder = mkdtempSync(join(tmpdir(), 'joulemark-demo-run-'));
  try {
    const world = createTranscriptWorld({
      cwd: folder,
      env: { HOME: folder, PATH: process.env['PATH'] ?? '', TZ: 'UTC' },
    });
    const status = await main(['demo'], world);
    return {
      status,
      lines: world.printed
        .map(({ text }) => text)
        .join('')
        .split('\n'),
      stderr: textOf(world, 'stderr'),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
