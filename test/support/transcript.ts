import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { expect } from 'vitest';
import { main } from '../../src/main.ts';
import { matchesLines, parseScript, type CommandStep } from './transcript-script.ts';
import { createSeededRandom, createTranscriptWorld, textOf, TRANSCRIPT_NOW } from './transcript-world.ts';

interface State {
  readonly root: string;
  readonly random: (length: number) => Uint8Array;
  readonly env: Record<string, string>;
  cwd: string;
  now: number;
  stdin: Uint8Array;
}

interface Ran {
  readonly lines: readonly string[];
  readonly status: number;
}

/**
 * Runs the transcript in `file` (its format: transcript-script.ts). With JOULEMARK_TRANSCRIPTS=write in the environment
 * expected output that does not match is replaced by what was printed, to be read before it is committed.
 */
export async function runTranscript(file: string): Promise<void> {
  const text = readFileSync(file, 'utf8');
  const script = parseScript(text);
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'joulemark-transcript-')));
  try {
    for (const [name, content] of script.files) writeIn(root, name, content);
    const state = createState(root);
    const corrections = new Map<CommandStep, Ran>();
    for (const step of script.steps) {
      if (step.kind === 'clock') state.now = toTime(step.to, state.now);
      else if (step.kind === 'env') setVariable(state.env, step.name, step.value.replaceAll('$WORK', root));
      else if (step.kind === 'cd') mkdirSync((state.cwd = resolve(state.cwd, step.folder)), { recursive: true });
      else if (step.kind === 'stdin') state.stdin = readFileSync(resolve(state.cwd, step.file));
      else {
        const ran = await runStep(state, step);
        if (ran.status === step.status && matchesLines(step.expected, ran.lines)) continue;
        corrections.set(step, ran);
        if (process.env['JOULEMARK_TRANSCRIPTS'] !== 'write') expectStep(file, step, ran);
      }
    }
    if (corrections.size > 0) writeFileSync(file, correct(text, corrections));
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function createState(root: string): State {
  const home = join(root, '.home');
  mkdirSync(home);
  const env = { HOME: home, PATH: process.env['PATH'] ?? '', TZ: 'UTC', GIT_CONFIG_NOSYSTEM: '1' };
  return {
    root,
    random: createSeededRandom('transcript'),
    env,
    cwd: root,
    now: TRANSCRIPT_NOW,
    stdin: new Uint8Array(),
  };
}

async function runStep(state: State, { words, line }: CommandStep): Promise<Ran> {
  const [program, ...argv] = words;
  if (program === 'cat') return { lines: toLines(readFileSync(resolve(state.cwd, argv[0] ?? ''), 'utf8')), status: 0 };
  if (program !== 'joulemark') throw new Error(`line ${line}: '${program}' is neither joulemark nor cat`);
  const world = createTranscriptWorld(state);
  state.stdin = new Uint8Array();
  const args = argv.map((word) => word.replaceAll('$WORK', state.root));
  const status = await main(args, world);
  const stderr = toLines(textOf(world, 'stderr')).map((text) => `2: ${text}`);
  const lines = [...toLines(textOf(world, 'stdout')), ...stderr];
  return { lines: lines.map((text) => text.replaceAll(state.root, '$WORK')), status };
}

function expectStep(file: string, step: CommandStep, ran: Ran): void {
  const where = `${file}:${step.line} > ${step.words.join(' ')}`;
  expect.soft([...ran.lines, `? ${ran.status}`], where).toEqual([...step.expected, `? ${step.status}`]);
  expect.fail(`${where}: printed something else`);
}

function toLines(text: string): readonly string[] {
  const trimmed = text.replace(/\n+$/u, '');
  return trimmed === '' ? [] : trimmed.split('\n');
}

function toTime(to: string, now: number): number {
  if (to.startsWith('+')) return now + Number(to.slice(1));
  const time = Date.parse(to) / 1000;
  if (!Number.isInteger(time)) throw new Error(`'${to}' is no time in whole seconds`);
  return time;
}

function setVariable(env: Record<string, string>, name: string, value: string): void {
  if (value === '') delete env[name];
  else env[name] = value;
}

function writeIn(root: string, name: string, content: string): void {
  const path = join(root, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

/** The script with the expected output of some steps replaced. */
function correct(text: string, corrections: ReadonlyMap<CommandStep, Ran>): string {
  const lines = text.split('\n');
  for (const [step, ran] of [...corrections].toReversed()) {
    const following = lines.slice(step.line);
    const end = following.findIndex((line) => /^(?:> |!|#|-- \S+ --$)/u.test(line));
    const length = end === -1 ? following.length : end;
    const status = ran.status === 0 ? [] : [`? ${ran.status}`];
    lines.splice(step.line, length, ...ran.lines, ...status, '');
  }
  return lines.join('\n');
}
