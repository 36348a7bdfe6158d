import { defineCommand } from '../cli/command.ts';
import { findBlock } from '../home/find-block.ts';
import { openWithCoverage } from '../home/ledger-blocks.ts';
import { entryAt } from '../ledger/entry.ts';
import { leafOf } from '../ledger/record.ts';
import { toHex } from '../crypto/hash.ts';
import { showEntry, toLines, toShownTime } from '../programme/show-entry.ts';

const MOST_ENTRIES = 40;

export const ledgerShow = defineCommand({
  path: ['ledger', 'show'],
  summary: 'Show a block and its entries, or one entry, decoded',
  description:
    'A block is named by <chain>:<seq> or by the first digits of its id, an entry by <chain>:<seq>:<entry>, a package also by the first digits of its commit. ' +
    'Bytes are shown in hex, quantities exactly, times in the zone of the policy.',
  examples: [
    'joulemark ledger show programme:0',
    'joulemark ledger show guangnan-cement:70:3',
    'joulemark ledger show 3f9c1a7e --json',
  ],
  args: ['<block>'],
  options: {},
  effect: 'read',
  exits: ['OK', 'USAGE', 'VERIFY_FAILED', 'PENDING', 'NO_LEDGER', 'DIVERGED'],
  async run(context, [text]) {
    const { session, blocks } = openWithCoverage(context);
    const { placed, entry } = findBlock(session, blocks, text);
    const { block, chain, name, covered } = placed;
    const { body } = block;
    const wanted = block.items
      .map((item, index) => ({ item, index }))
      .filter(({ index }) => entry === null || index === entry);
    return {
      chain,
      name,
      seq: body.seq,
      id: block.id,
      key: block.kid,
      prev: body.prev,
      history: body.history,
      seen: body.seen === null ? null : { seq: body.seen.seq, block: body.seen.id },
      time: toShownTime(body.time, session.zone),
      covered: covered === null ? null : { seq: covered.seq, time: toShownTime(covered.time, session.zone) },
      size: block.bytes.length,
      count: block.items.length,
      entries: wanted.map(({ item, index }) => {
        const decoded = entryAt(block, index);
        if (decoded === null) return { entry: index, leaf: toHex(leafOf(item)), type: null, content: null };
        return {
          entry: index,
          leaf: toHex(leafOf(item)),
          type: decoded.type,
          content: showEntry(decoded.type, decoded.content, session.zone),
        };
      }),
    };
  },
  render: (result, ui) => {
    const covered =
      result.covered === null
        ? ui.warn('not broadcast yet')
        : `programme block ${result.covered.seq}, ${result.covered.time.shown}`;
    const head = ui.table([
      ['block', `${result.seq} of ${result.name}`],
      ['id', result.id],
      ['signed by', `${result.key.slice(0, 16)}, ${result.time.shown} by its own clock`],
      ...(result.chain === 'programme' ? [] : [['covered by', covered]]),
      ...(result.seen === null
        ? []
        : [['had seen', `programme block ${result.seen.seq} (${result.seen.block.slice(0, 8)})`]]),
      ['follows', result.prev ?? '-'],
    ]);
    const entries = result.entries
      .slice(0, MOST_ENTRIES)
      .flatMap(({ entry, type, leaf, content }) => [
        '',
        `${ui.strong(`${entry}  ${type ?? 'not in this copy'}`)}  ${ui.dim(leaf.slice(0, 16))}`,
        ...(content === null ? [] : toLines(content, '   ')),
      ]);
    const more = result.entries.length - MOST_ENTRIES;
    return [
      head,
      ...entries,
      ...(more > 0
        ? ['', ui.dim(`${more} more entries: joulemark ledger show ${result.name}:${result.seq}:<entry>, or --json`)]
        : []),
    ].join('\n');
  },
});
