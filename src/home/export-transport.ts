import { JoulemarkError } from '../errors.ts';
import { decodeBundle } from '../ledger/git/bundle.ts';
import type { NamedObject } from '../ledger/git/chain-objects.ts';
import type { Transport } from '../ledger/remote/remote.ts';
import { importPack } from '../ledger/store/pack-import.ts';

/**
 * A bundle that was read as a source to fetch from: the same path in as for everything else. `below`: the git objects of what it builds on,
 * which the reader's own ledger gives; asked for only where it builds on something.
 */
export function exportTransport(bundle: Uint8Array, below: () => ReadonlyMap<string, NamedObject>): Transport {
  const { refs, prerequisites, pack } = decodeBundle(bundle);
  return {
    listRefs: async () => refs,
    fetch: async (_refs, into) => {
      if (prerequisites.size > 0) into.writeObjects([...below().values()]);
      importPack(into, pack);
    },
    push: async () => {
      throw new JoulemarkError('FAILED', 'an export is never written to again');
    },
  };
}
