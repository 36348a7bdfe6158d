import type { Ui } from './ui.ts';

/** What an append did, as results carry it. */
export interface AppendResult {
  /** The block that holds the entry, now or since an earlier run; null when nothing had to be appended. */
  readonly block: { readonly chain: string; readonly seq: number; readonly id: string } | null;
  readonly already: boolean;
  readonly dryRun: boolean;
}

/** The line for people: `appended block 70 of guangnan-cement (3f9c1a7e)`. `after`: what follows only when something was appended. */
export function toAppendLine({ block, already, dryRun }: AppendResult, ui: Ui, after = ''): string {
  const place = block === null ? '' : ` block ${block.seq} of ${block.chain} (${block.id.slice(0, 8)})`;
  if (already) return ui.dim(block === null ? 'already in the ledger' : `already in the ledger:${place}`);
  if (dryRun) return ui.warn(`would append${place}; nothing was written`);
  return `${ui.good('appended')}${place}${after}`;
}
