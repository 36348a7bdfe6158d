/** A policy as text, with the fields that tests vary. Everything else is a plain yearly programme in mmBtu. */
export interface PolicyChoices {
  readonly zone?: string;
  readonly first?: string;
  readonly length?: string;
  readonly baseline?: string;
  /** Lines of `baseline` more, each with two blanks before it. */
  readonly baselineMore?: string;
  readonly baselineAudited?: 'required' | 'printed';
  readonly relations?: string;
  readonly carriers?: string;
  readonly products?: string;
  readonly unit?: string;
  readonly table?: string;
  readonly late?: string;
  readonly edition?: string;
  readonly decideFrom?: string;
  readonly productsRule?: string;
}

export function policyText(choices: PolicyChoices = {}): string {
  return `joulemark: policy/1
name: {en: Test programme}
edition: "${choices.edition ?? '1'}"
body: {name: Certification body}
time:
  zone: ${choices.zone ?? 'UTC'}
  period: {length: ${choices.length ?? 'P1Y'}, first: ${choices.first ?? '2013-01-01'}}
  interval: P1D
  longest_interval: P35D
  straddling: refuse
calendar:
  package_due: P35D
  late_package: ${choices.late ?? 'count_and_flag'}
  corrections_until: P30D
  audit_window: P1M
  audit_asked: P5D
  audit_due: P25D
  answer_due: P10D
  ruling_due: P20D
  decide: {from: ${choices.decideFrom ?? 'P60D'}, until: P120D}
energy:
  unit: ${choices.unit ?? 'mmBtu'}
  table: ${choices.table ?? 'test-table'}
  carriers: ${choices.carriers ?? '{waste_coal: {unit: mmBtu, row: waste_coal}}'}
  headline: same_table
products: ${choices.products ?? '{electricity: {basis: quantity, unit: MWh}, steam: {basis: quantity, unit: klb}}'}
shared_energy: {key: direct_energy, same_key_in_both_periods: yes}
baseline:
  window: ${choices.baseline ?? 'previous_period'}
  rule_fixed: before_period_begins
  figures_close: with_corrections
  history_due: P3D
  audited: ${choices.baselineAudited ?? 'printed'}
${choices.baselineMore ?? ''}data:
  coverage: {per_meter: "0.90", joint: "0.90", longest_gap: P10D}
  gap: {energy_missing: highest_interval, product_missing: zero, spanned_by_register: not_a_gap}
  idle: {declared_by: applicant, needs: [energy, product], share_flagged: "0.25"}
  estimated: {counts_as: missing}
  manual: {share_most: "0.05"}
audits:
  relations_needed: ${choices.relations ?? '{at_least: "1", always: []}'}
  upstream: {energy_share: "0.80", tolerance: {solid: "0.02", electricity: "0.01"}, en_number: when_accuracy_known, declares_all_supply_points: yes, fail: blocks}
  peer: {asked: {number: "3", drawn: yes}, needed: "1", statistics: {robust_z_from: "5", query: "2", action: "3"}, few: {band: "0.30", best_verdict: pass_with_remarks}, fail: majority}
  downstream: {shipments_share: "0.50", tolerance: {counted: "0.01", weighed: "0.02"}, fail: blocks}
  silence: not_a_pass
decision:
  products: ${choices.productsRule ?? 'every'}
  saving_more_than: "0"
  significance: {method: meter_accuracy, k: "2", same_meter_correlation: "0", below: print}
  adverse_case: must_hold
certificate: {number: "JM-{year}-{serial:4}", valid: P1Y, public: [verdict, products, rate, saving], signed_by: {officers: "1", evaluator_excluded: no}}
`;
}
