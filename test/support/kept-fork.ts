import { join } from 'node:path';
import { loadChain } from '../../src/home/chain-reader.ts';
import { saveEvidence } from '../../src/home/evidence.ts';
import { openHome } from '../../src/home/home.ts';
import { unlockKeys } from '../../src/home/key-ring.ts';
import { encodeEntry } from '../../src/ledger/entry.ts';
import { sealBlock } from '../../src/ledger/seal.ts';

/** Two blocks that the owner of the home `forger` signs in one place, seen and kept by the home `observer`; the same ones each time. */
export async function keepFork(root: string, observer: string, forger: string): Promise<void> {
  const seen = openHome(join(root, observer, '.joulemark'));
  const culprit = openHome(join(root, forger, '.joulemark'));
  const keys = await unlockKeys(culprit.paths, () => Promise.reject(new Error('no passphrase is asked for')));
  const name = { kind: culprit.isBody ? ('programme' as const) : ('organisation' as const), ledger: seen.ledger };
  const chain = loadChain(seen.store, culprit.isBody ? name : { ...name, id: culprit.org }, null);
  if (chain === null) throw new Error(`the home ${observer} has no chain of ${forger}`);
  const blocks = [1, 2].map(
    (number) =>
      sealBlock({
        state: chain.state,
        seen: culprit.isBody ? null : (chain.blocks[0]?.body.seen ?? null),
        time: chain.state.time,
        entries: [encodeEntry('note', new Map([['number', number]]))],
        ...keys,
      }).block.bytes,
  );
  saveEvidence(seen.paths, `fork-${chain.state.id.slice(0, 16)}-${chain.state.seq + 1}`, blocks);
}
