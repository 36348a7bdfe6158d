import {
  addDecimal,
  compareDecimal,
  type Decimal,
  decimal,
  decimalToText,
  multiplyDecimal,
  parseDecimal,
  subtractDecimal,
} from '../calc/decimal.ts';
import { JoulemarkError } from '../errors.ts';
import type { BoundaryMeter } from './boundary.ts';
import { addDuration, dayNumberOf, showTime, startOfDayNumber } from './calendar.ts';
import type { CorrectionReason } from './entries.ts';
import { type OwnChain, ownPackagesOf } from './own-packages.ts';
import type { PackagePayload, Provenance } from './package.ts';
import type { CountedPackage } from './packages.ts';
import { parseMoment } from './parse-moment.ts';
import type { Policy } from './policy.ts';
import { periodHolding } from './rules.ts';
import { showInterval } from './show-quantity.ts';

/** What a person says of a package that is wrong. */
export interface CorrectionRequest {
  /** The meter, for a shipment with '/' and the customer. */
  readonly meter: string;
  /** A day, or the time at which the package begins. */
  readonly when: string;
  readonly quantity: Decimal;
  readonly reason: CorrectionReason;
  readonly open?: Decimal | undefined;
  readonly close?: Decimal | undefined;
  readonly provenance?: Provenance | undefined;
  readonly note?: string | undefined;
}

/** The package that a correction replaces. @throws JoulemarkError USAGE where no package, or more than one, is meant. */
export function packageToCorrect(
  { meter, when }: Pick<CorrectionRequest, 'meter' | 'when'>,
  declared: BoundaryMeter,
  own: OwnChain,
  zone: string,
  dayStarts: number,
): CountedPackage {
  const packages = ownPackagesOf(own.packages, (name) => name === meter);
  const day = dayNumberOf(when);
  const span =
    day === undefined
      ? momentSpan(when, zone)
      : { start: startOfDayNumber(day, zone, dayStarts), end: startOfDayNumber(day + 1, zone, dayStarts) };
  const beginning = packages.filter(({ start }) => start >= span.start && start < span.end);
  const meant =
    beginning.length > 0 ? beginning : packages.filter(({ start, end }) => start < span.end && end > span.start);
  const [only] = meant;
  if (only !== undefined && meant.length === 1) return only;
  if (only === undefined) {
    const last = packages.at(-1);
    const newest =
      last === undefined ? 'it has none' : `its last is ${showInterval(last.start, last.end, zone, dayStarts)}`;
    throw new JoulemarkError('USAGE', `no package of '${meter}' at ${when}: ${newest}`, {
      hints: [
        `joulemark meter show ${declared.name}`,
        'what is not on the chain is submitted: joulemark meter submit <file>',
      ],
    });
  }
  throw new JoulemarkError(
    'USAGE',
    `${meant.length} packages of '${meter}' at ${when}, expected the time at which one begins`,
    {
      hints: meant.slice(0, 3).map(({ start }) => `joulemark meter correct ${meter} "${showTime(start, zone)}" ...`),
    },
  );
}

function momentSpan(when: string, zone: string): { readonly start: number; readonly end: number } {
  const at = parseMoment(when, zone);
  return { start: at, end: at + 1 };
}

/** The payload that takes the place of a package's: unit, carrier, product and customer stay. @throws JoulemarkError USAGE. */
export function toCorrectedPayload(
  request: CorrectionRequest,
  target: CountedPackage,
  declared: BoundaryMeter,
  own: OwnChain,
): PackagePayload {
  const { payload } = target;
  const { note, provenance } = request;
  const negative = request.quantity.mantissa < 0n && declared.counts !== 'export' && declared.kind !== 'variable';
  if (negative)
    throw new JoulemarkError(
      'USAGE',
      `quantity is ${decimalToText(request.quantity)}, expected 0 or more: '${declared.name}' does not count export`,
    );
  const register = toRegister(request, target, declared, own);
  const { register: _, source: __, ...kept } = payload;
  return {
    ...kept,
    quantity: request.quantity,
    provenance: provenance ?? toProvenance(request, payload),
    ...(register === undefined ? {} : { register }),
    ...(note === undefined ? {} : { source: note }),
  };
}

function toProvenance({ reason, quantity }: CorrectionRequest, { provenance }: PackagePayload): Provenance {
  if (provenance === 'estimated' && reason === 'estimate_replaced') return 'metered';
  return provenance === 'idle' && quantity.mantissa !== 0n ? 'metered' : provenance;
}

function toRegister(
  { open, close, quantity, meter }: CorrectionRequest,
  target: CountedPackage,
  declared: BoundaryMeter,
  own: OwnChain,
): PackagePayload['register'] {
  const before = target.payload.register;
  if (before === undefined) {
    if (open !== undefined || close !== undefined)
      throw new JoulemarkError(
        'USAGE',
        `the package of '${meter}' has no register, expected no '--open' and no '--close'`,
      );
    return undefined;
  }
  const register = { open: open ?? before.open, close: close ?? before.close };
  const advanced = advance(register, declared);
  const explained = own.events.some(
    (event) =>
      event.meter === declared.name &&
      event.event !== 'calibration' &&
      event.at > target.start &&
      event.at < target.end,
  );
  if (explained || compareDecimal(advanced, quantity) === 0) return register;
  throw new JoulemarkError(
    'USAGE',
    `the register from ${decimalToText(register.open)} to ${decimalToText(register.close)} makes ${decimalToText(advanced)} ${declared.unit}, found ${decimalToText(quantity)}`,
    {
      hints: [
        `give the readings as they should be: joulemark meter correct ${meter} ... ${decimalToText(quantity)} --open <first> --close <last> --because ...`,
      ],
      details: {
        open: decimalToText(register.open),
        close: decimalToText(register.close),
        expected: decimalToText(advanced),
        quantity: decimalToText(quantity),
      },
    },
  );
}

function advance(
  { open, close }: { readonly open: Decimal; readonly close: Decimal },
  { digits, multiplier }: BoundaryMeter,
): Decimal {
  const plain = subtractDecimal(close, open);
  const whole = plain.mantissa < 0n && digits !== undefined ? addDecimal(plain, decimal(1n, digits)) : plain;
  return multiplyDecimal(whole, multiplier ?? parseDecimal('1'));
}

/** @throws JoulemarkError USAGE once the policy's date for corrections is past (spec section 9): the ledger would give it no effect. */
export function assertCorrectable(target: CountedPackage, policy: Policy, now: number): void {
  const { zone } = policy.time;
  const period = periodHolding(policy, target.end - 1);
  const until = addDuration(period.end, policy.calendar.corrections_until, zone);
  if (now <= until) return;
  throw new JoulemarkError('USAGE', `corrections of ${period.label} were possible until ${showTime(until, zone)}`, {
    hints: ['a later change is an adjustment, which the certification body admits: joulemark baseline adjust --help'],
  });
}

/** A remark where a correction leaves a register that does not go on from its neighbours; null where it does. */
export function neighbourNote(
  target: CountedPackage,
  register: PackagePayload['register'],
  own: OwnChain,
  zone: string,
): string | null {
  if (register === undefined) return null;
  const packages = ownPackagesOf(own.packages, (name) => name === target.meter);
  const at = packages.findIndex(({ commit }) => commit === target.commit);
  const [before, after] = [packages[at - 1], packages[at + 1]];
  if (after?.payload.register !== undefined && compareDecimal(after.payload.register.open, register.close) !== 0) {
    return `the next package, from ${showTime(after.start, zone)}, opens at ${decimalToText(after.payload.register.open)}: correct it too`;
  }
  if (before?.payload.register !== undefined && compareDecimal(before.payload.register.close, register.open) !== 0) {
    return `the package before, up to ${showTime(before.end, zone)}, closes at ${decimalToText(before.payload.register.close)}: correct it too`;
  }
  return null;
}
