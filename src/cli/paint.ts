import type { ChalkInstance } from 'chalk';
import { assertInvariant } from '../errors.ts';
import { STYLED, TABLE, type Markup, type Style, type TableRequest } from './markup.ts';

type Painter = (text: string) => string;

/** Marked text -> what is written. Loads chalk only for colour and the table library only for a table. */
export async function paint(text: string, markup: Markup, color: boolean): Promise<string> {
  const paintStyles = color ? await loadPainter() : stripStyles;
  const layOut = markup.tables.length === 0 ? undefined : await loadTables(paintStyles);
  return paintStyles(text).replace(TABLE, (_, index: string) => {
    const table = markup.tables[Number(index)];
    assertInvariant(layOut !== undefined && table !== undefined, 'a table mark refers to a table');
    return layOut(table);
  });
}

/** Innermost styles first, until no mark is left. */
function replaceStyles(text: string, replace: (style: Style, inner: string) => string): string {
  let before: string;
  let after = text;
  do {
    before = after;
    after = before.replace(STYLED, (_, style: Style, inner: string) => replace(style, inner));
  } while (after !== before);
  return after;
}

function stripStyles(text: string): string {
  return replaceStyles(text, (_, inner) => inner);
}

async function loadPainter(): Promise<Painter> {
  const { Chalk } = await import('chalk');
  // Our own level: chalk 5 looks at FORCE_COLOR and the terminal, but not at NO_COLOR.
  const chalk = new Chalk({ level: 1 });
  const styles: Readonly<Record<Style, ChalkInstance>> = {
    strong: chalk.bold,
    dim: chalk.dim,
    good: chalk.green,
    bad: chalk.red,
    warn: chalk.yellow,
  };
  return (text) => replaceStyles(text, (style, inner) => styles[style](inner));
}

const NO_LINES = Object.fromEntries(
  [
    'top',
    'top-mid',
    'top-left',
    'top-right',
    'bottom',
    'bottom-mid',
    'bottom-left',
    'bottom-right',
    'left',
    'left-mid',
    'mid',
    'mid-mid',
    'right',
    'right-mid',
  ].map((name) => [name, '']),
);

async function loadTables(paintStyles: Painter): Promise<(table: TableRequest) => string> {
  const { default: Table } = await import('cli-table3');
  return ({ rows, head, align }) => {
    const lines = head === undefined ? rows : [head.map((cell) => `\u0001dim:${cell}\u0002`), ...rows];
    const columns = Math.max(...lines.map((row) => row.length));
    const table = new Table({
      chars: { ...NO_LINES, middle: '   ' },
      style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true },
      colAligns: Array.from({ length: columns }, (_, index) => align[index] ?? 'left'),
    });
    for (const row of lines) table.push(Array.from({ length: columns }, (_, index) => paintStyles(row[index] ?? '')));
    return table.toString().replace(/[ \t]+$/gmu, '');
  };
}
