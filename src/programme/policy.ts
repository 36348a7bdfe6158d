import { JoulemarkError } from '../errors.ts';
import {
  faultAt,
  listOf,
  mapOf,
  oneOf,
  optional,
  type Read,
  record,
  type Schema,
  shortText,
  text,
} from '../ledger/codec/schema.ts';
import { isCborMap } from '../ledger/codec/value.ts';
import { regressionMethod } from './model-rules.ts';
import { policyFaults } from './policy-faults.ts';
import { textDate, textDecimal, textDuration, textTime, textUint, textZone, yesNo } from './document.ts';

/** A word, or a map with more to say: `window: previous_period` or `window: {from: ..., to: ...}`. */
export function wordOrMap<W, M>(word: Schema<W>, map: Schema<M>): Schema<W | M> {
  return {
    read: (value, path) => {
      if (isCborMap(value)) return map.read(value, path);
      if (typeof value === 'string') return word.read(value, path);
      throw faultAt(path, 'a word or a map', value);
    },
    write: (value) => (typeof value === 'string' ? word.write(value as W) : map.write(value as M)),
  };
}

/** A name in one language, or in several by language tag: `{zh: ..., en: ...}`. */
export const names = wordOrMap(shortText(200), mapOf(shortText(200)));

const time = record({
  zone: textZone,
  period: record({ length: textDuration, first: textDate }),
  interval: textDuration,
  longest_interval: textDuration,
  day_starts: optional(record({ default: textTime, allowed: listOf(textTime, 1, 24) })),
  boundary_skew: optional(record({ most: textDuration, share_of_period: textDecimal })),
  straddling: oneOf('refuse', 'prorate'),
});

const calendar = record({
  package_due: textDuration,
  late_package: oneOf('count_and_flag', 'exclude'),
  corrections_until: textDuration,
  audit_window: textDuration,
  audit_asked: textDuration,
  audit_due: textDuration,
  answer_due: textDuration,
  ruling_due: textDuration,
  decide: record({ from: textDuration, until: textDuration }),
});

const energy = record({
  unit: shortText(20),
  table: shortText(60),
  electricity: optional(
    record({
      basis: wordOrMap(
        oneOf('equivalent'),
        record({ calorific: record({ series: shortText(200), published_after_period: optional(yesNo) }) }),
      ),
    }),
  ),
  calorific_value: optional(record({ prefer: oneOf('measured'), heating: oneOf('net'), else: oneOf('table') })),
  carriers: mapOf(
    record({
      unit: shortText(20),
      row: shortText(60),
      choose: optional(textDecimal),
      counts: optional(oneOf('use', 'recovered', 'export', 'converted')),
      as: optional(shortText(40)),
      stock: optional(oneOf('counted', 'ignored')),
      measured_ncv: optional(oneOf('required', 'preferred', 'ignored')),
    }),
  ),
  headline: oneOf('same_table'),
});

const product = record({
  basis: oneOf('quantity', 'value'),
  unit: shortText(20),
  quality: optional(oneOf('qualified', 'all')),
  intermediate: optional(yesNo),
  energy: optional(listOf(shortText(60), 1, 100)),
  equivalent_factor: optional(textDecimal),
  excluding_tax: optional(yesNo),
  price_index: optional(record({ series: shortText(200), published_after_period: optional(yesNo) })),
  norm: optional(
    record({
      limit: shortText(120),
      add: optional(listOf(textDecimal, 1, 10)),
      times: optional(textDecimal),
      over: optional(textDecimal),
    }),
  ),
});

const allocationKey = oneOf('direct_energy', 'output_equivalent', 'heat_content', 'comparable_value');

const baseline = record({
  window: wordOrMap(oneOf('previous_period', 'previous_certificate'), record({ from: textDate, to: textDate })),
  also_print: optional(listOf(oneOf('fixed_base'), 0, 1)),
  rule_fixed: oneOf('before_period_begins'),
  figures_close: oneOf('with_corrections'),
  history_due: textDuration,
  audited: oneOf('required', 'printed'),
  method: optional(wordOrMap(oneOf('ratio'), regressionMethod)),
  reset_on: optional(listOf(oneOf('boundary', 'product_definition', 'allocation_key', 'meter_set'), 0, 4)),
  adjustment: optional(
    record({ quantified: yesNo, reason: yesNo, asked_by: oneOf('applicant'), admitted_by: oneOf('body') }),
  ),
});

const data = record({
  coverage: record({ per_meter: textDecimal, joint: textDecimal, longest_gap: textDuration }),
  gap: record({
    energy_missing: oneOf('highest_interval'),
    product_missing: oneOf('zero'),
    spanned_by_register: oneOf('not_a_gap'),
  }),
  idle: record({
    declared_by: oneOf('applicant'),
    needs: listOf(oneOf('energy', 'product'), 1, 2),
    share_flagged: textDecimal,
  }),
  estimated: record({ counts_as: oneOf('missing', 'metered') }),
  manual: record({ share_most: textDecimal }),
  flags: optional(record({ repeated: textUint, jump_iqr: textDecimal, change_since_baseline: textDecimal })),
});

const failRule = oneOf('blocks', 'majority');
const sees = record({ kinds: listOf(shortText(40), 1, 10), of: shortText(60), by: shortText(60) });

const audits = record({
  relations_needed: record({
    at_least: textUint,
    always: optional(listOf(oneOf('upstream', 'peer', 'downstream'), 0, 3)),
  }),
  upstream: record({
    per: optional(listOf(oneOf('supply_point', 'carrier'), 1, 2)),
    energy_share: textDecimal,
    tolerance: mapOf(textDecimal),
    en_number: oneOf('when_accuracy_known', 'never'),
    declares_all_supply_points: yesNo,
    fail: failRule,
  }),
  peer: record({
    asked: record({ number: textUint, drawn: yesNo }),
    needed: textUint,
    statistics: record({ robust_z_from: textUint, query: textDecimal, action: textDecimal }),
    few: record({ band: textDecimal, best_verdict: oneOf('pass', 'pass_with_remarks') }),
    alone: optional(oneOf('cannot_judge', 'pass_with_remarks')),
    fail: failRule,
  }),
  downstream: record({
    shipments_share: textDecimal,
    tolerance: record({ counted: textDecimal, weighed: textDecimal }),
    fail: failRule,
  }),
  silence: oneOf('not_a_pass'),
  sampling: optional(
    record({
      windows: record({ above: textUint, number: textUint }),
      packages: record({ above: textUint, number: textUint }),
      value: record({ series: shortText(200), published_after_period: optional(yesNo) }),
    }),
  ),
  sees: optional(
    record({ upstream: sees, peer: sees, downstream: sees, nobody_but_body: listOf(shortText(60), 0, 20) }),
  ),
});

const decision = record({
  products: oneOf('every', 'mix_weighted', 'each_on_its_own'),
  saving_more_than: textDecimal,
  production_basis: optional(oneOf('reporting', 'baseline')),
  significance: record({
    method: oneOf('meter_accuracy'),
    k: textDecimal,
    same_meter_correlation: textDecimal,
    below: oneOf('print', 'refuse'),
  }),
  adverse_case: oneOf('must_hold', 'print'),
});

const certificate = record({
  number: shortText(60),
  valid: textDuration,
  public: listOf(oneOf('verdict', 'products', 'rate', 'saving'), 1, 4),
  signed_by: record({ officers: textUint, evaluator_excluded: yesNo }),
});

const policyShape = record({
  joulemark: oneOf('policy/1'),
  name: names,
  edition: shortText(60),
  body: record({ name: shortText(200), legal_id: optional(shortText(60)), contact: optional(shortText(200)) }),
  refers_to: optional(listOf(text, 0, 50)),
  time,
  calendar,
  energy,
  products: mapOf(product),
  shared_energy: record({ key: allocationKey, same_key_in_both_periods: yesNo }),
  baseline,
  data,
  audits,
  decision,
  certificate,
});

/** A policy, every scalar converted: durations, exact decimals, seconds of the day. */
export type Policy = Read<typeof policyShape>;

/**
 * A programme's rules (programme-v1 section 2). Each rule that a verdict rests on is written out: nothing here has a
 * default in the software, so that a new version of the software cannot change an old answer.
 */
export const policySchema: Schema<Policy> = {
  read: (value, path) => {
    const policy = policyShape.read(value, path);
    for (const [key, fault] of policyFaults(policy))
      throw new JoulemarkError('USAGE', `'${path}.${key}' ${fault}`, { details: { path: `${path}.${key}` } });
    return policy;
  },
  write: (policy) => policyShape.write(policy),
};
