import { writeLeafHash } from '../crypto/merkle.ts';
import { type Id, idBytes } from '../ledger/codec/id.ts';
import { type CommitRows, newCommitRows, writeRow } from './commit-rows.ts';
import { decodePayload, type PackagePayload } from './package.ts';
import { commitAt, type PackageColumns, payloadAt, quantityAt, standingAt } from './package-columns.ts';
import type { PackageLabels } from './package-labels.ts';
import type { CountedPackage, PackageIndex } from './packages.ts';

/** By the number that a slot's flags hold. */
export const STANDINGS = ['on_time', 'late', 'history'] as const;

/** A package seen in its columns, of which most questions ask for two or three. */
export class PackageView implements CountedPackage {
  readonly #columns: PackageColumns;
  readonly #slot: number;
  #payload: PackagePayload | undefined = undefined;
  readonly meter: string;
  readonly kind: string;
  readonly corrects?: Id;
  readonly labels: PackageLabels | undefined;

  constructor({ columns, rowList, rowOfSlot, labelList, labelOfSlot, corrected }: PackageIndex, slot: number) {
    this.#columns = columns;
    this.#slot = slot;
    const { meter, kind } = rowList[rowOfSlot[slot] as number] as PackageIndex['rowList'][number];
    this.meter = meter;
    this.kind = kind;
    this.labels = labelList[labelOfSlot[slot] as number];
    const corrects = corrected.get(slot);
    if (corrects !== undefined) this.corrects = corrects;
  }

  writeRow(rows: CommitRows, place: number): void {
    writeRow(this.#columns, this.#slot, rows, place);
  }

  get commit(): Id {
    return commitAt(this.#columns, this.#slot);
  }

  get start(): number {
    return this.#columns.starts[this.#slot] as number;
  }

  get end(): number {
    return this.#columns.ends[this.#slot] as number;
  }

  get quantity(): PackagePayload['quantity'] {
    const rest = this.labels?.rest ?? null;
    return rest === null ? this.payload.quantity : quantityAt(this.#columns, this.#slot);
  }

  get provenance(): PackagePayload['provenance'] {
    return this.labels?.rest?.provenance ?? this.payload.provenance;
  }

  get payload(): PackagePayload {
    const rest = this.labels?.rest ?? null;
    this.#payload ??=
      rest === null
        ? decodePayload(payloadAt(this.#columns, this.#slot))
        : { ...rest, quantity: quantityAt(this.#columns, this.#slot) };
    return this.#payload;
  }

  get time(): number {
    return this.#columns.times[this.#slot] as number;
  }

  get standing(): CountedPackage['standing'] {
    return STANDINGS[standingAt(this.#columns, this.#slot)] as CountedPackage['standing'];
  }

  get place(): CountedPackage['place'] {
    return { seq: this.#columns.seqs[this.#slot] as number, entry: this.#columns.entries[this.#slot] as number };
  }
}

/** The rows of packages, without a text of any commit. */
export function commitRows(packages: readonly CountedPackage[]): CommitRows {
  const rows = newCommitRows(packages.length);
  for (const [place, counted] of packages.entries()) {
    if (counted instanceof PackageView) counted.writeRow(rows, place);
    else {
      rows.commits.set(idBytes(counted.commit), 32 * place);
      writeLeafHash(rows.commits, 32 * place, rows.leaves, 32 * place);
    }
  }
  return rows;
}
