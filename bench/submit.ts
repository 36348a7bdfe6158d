/** A cron job's view: whole processes on a home with a year of daily blocks, against node doing nothing. */
import { join } from 'node:path';
import { median, numberOption, printFigure, ROOT, timeProcess } from './support/figure.ts';
import { makeYearHome } from './support/year-home.ts';

const runs = numberOption('runs', 15);
const program = join(ROOT, 'bin/joulemark.js');
const { homes, csvOf } = await makeYearHome();
try {
  const env = { JOULEMARK_HOME: homes.applicant };
  const submit = (day: number): number => {
    homes.write('one-day.csv', csvOf(day));
    return timeProcess(process.execPath, [program, 'meter', 'submit', 'one-day.csv', '--profile', 'p.yaml'], {
      cwd: homes.folder,
      env,
    });
  };
  const before = homes.blocks();
  submit(0); // checks the year's signatures once and notes it
  const times: Record<'bare' | 'submit' | 'repeat' | 'version' | 'help', number[]> = {
    bare: [],
    submit: [],
    repeat: [],
    version: [],
    help: [],
  };
  for (let run = 1; run <= runs; run += 1) {
    times.bare.push(timeProcess(process.execPath, ['-e', '0']));
    times.submit.push(submit(run));
    times.bare.push(timeProcess(process.execPath, ['-e', '0']));
    times.repeat.push(submit(run));
    times.version.push(timeProcess(process.execPath, [program, '--version']));
    times.help.push(timeProcess(process.execPath, [program, '--help']));
  }
  const appended = homes.blocks() - before;
  if (appended !== runs + 1) throw new Error(`${appended} blocks were appended in ${runs + 1} submissions`);
  const peer = { what: 'node -e 0', value: median(times.bare) };
  const more = { runs, node: process.version };
  const figure = (what: string, of: readonly number[], bound?: number): void =>
    printFigure({
      bench: 'submit',
      what,
      value: median(of),
      unit: 'ms',
      peer,
      ...(bound === undefined ? {} : { target: { at: 'most', bound } }),
      more: { ...more, least: Math.round(10 * (Math.min(...of) / Math.min(...times.bare))) / 10 },
    });
  figure('meter submit of one day, appended', times.submit, 2.5);
  figure('meter submit of one day, already there', times.repeat);
  figure('--version', times.version, 1.4);
  figure('--help', times.help);
} finally {
  homes.remove();
}
