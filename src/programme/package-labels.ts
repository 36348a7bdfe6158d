import type { PackagePayload } from './package.ts';

/** What most packages of a meter say alike, kept once for all of them, so that no payload is decoded to ask for it. */
export interface PackageLabels extends Pick<PackagePayload, 'unit' | 'product' | 'carrier'> {
  /** Neither declared idle nor with a register: the packages around it have nothing to be held against. */
  readonly isPlain: boolean;
}

export const packageLabelsOf = ({ unit, product, carrier, provenance, register }: PackagePayload): PackageLabels => ({
  unit,
  ...(product === undefined ? {} : { product }),
  ...(carrier === undefined ? {} : { carrier }),
  isPlain: provenance !== 'idle' && register === undefined,
});

/** True for labels that are the known ones. */
export const isLabelledAs = (labels: PackageLabels, known: PackageLabels | undefined): boolean =>
  known !== undefined &&
  known.unit === labels.unit &&
  known.product === labels.product &&
  known.carrier === labels.carrier &&
  known.isPlain === labels.isPlain;
