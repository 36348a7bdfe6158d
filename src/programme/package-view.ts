import { type Id, idBytes } from '../ledger/codec/id.ts';
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

  copyCommit(into: Uint8Array, offset: number): void {
    const { commits } = this.#columns;
    const from = 32 * this.#slot;
    for (let index = 0; index < 32; index += 1) into[offset + index] = commits[from + index] as number;
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

/** The commits of packages, 32 bytes each, without a text of any. */
export function commitBytes(packages: readonly CountedPackage[]): Uint8Array {
  const commits = new Uint8Array(32 * packages.length);
  for (const [index, counted] of packages.entries()) {
    if (counted instanceof PackageView) counted.copyCommit(commits, 32 * index);
    else commits.set(idBytes(counted.commit), 32 * index);
  }
  return commits;
}
