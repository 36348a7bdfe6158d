import type { PackagePayload } from './package.ts';

/** What most packages of a meter say alike, kept once for all of them, so that no payload is decoded to ask for it. */
export interface PackageLabels extends Pick<PackagePayload, 'unit' | 'product' | 'carrier'> {
  /** All that a payload says beside its quantity; null where it has a register or a device's own record, which differ from package to package. */
  readonly rest: Omit<PackagePayload, 'quantity'> | null;
}

export function packageLabelsOf({ quantity: _quantity, ...rest }: PackagePayload): PackageLabels {
  const { unit, product, carrier, register, device } = rest;
  return {
    unit,
    ...(product === undefined ? {} : { product }),
    ...(carrier === undefined ? {} : { carrier }),
    rest: register === undefined && device === undefined ? rest : null,
  };
}

/** True where a package is neither declared idle nor has a register: those around it have nothing to be held against. */
export const isPlain = (labels: PackageLabels | undefined): boolean =>
  labels !== undefined && labels.rest !== null && labels.rest.provenance !== 'idle';

/** The name of labels: the same name, the same labels. */
export const nameOfLabels = ({ unit, product, carrier, rest }: PackageLabels): string =>
  JSON.stringify([unit, product, carrier, rest === null ? null : [rest.provenance, rest.party, rest.source]]);

/** True for labels that are the known ones. */
export const isLabelledAs = (labels: PackageLabels, known: PackageLabels | undefined): boolean =>
  known !== undefined &&
  known.unit === labels.unit &&
  known.product === labels.product &&
  known.carrier === labels.carrier &&
  (known.rest === null) === (labels.rest === null) &&
  known.rest?.provenance === labels.rest?.provenance &&
  known.rest?.party === labels.rest?.party &&
  known.rest?.source === labels.rest?.source;
