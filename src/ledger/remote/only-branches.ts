import type { Transport } from './remote.ts';

/** The same remote as if it had these branches and no other. */
export function onlyBranches(transport: Transport, names: ReadonlySet<string>): Transport {
  return {
    ...transport,
    listRefs: async () => new Map([...(await transport.listRefs())].filter(([name]) => names.has(name))),
  };
}
