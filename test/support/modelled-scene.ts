import type { Decided } from '../../src/programme/decide.ts';
import {
  decideAt,
  at,
  auditYear,
  boundaryText,
  createScene,
  DAY,
  heatPackage,
  METERS,
  monthsOf,
  outPackage,
  quantity,
  type Scene,
  submit,
} from './scene.ts';

const OUTPUT = [310, 280, 300, 260, 240, 230, 250, 270, 290, 320, 330, 250];
const DEGREE_DAYS = [620, 510, 430, 260, 110, 20, 5, 15, 90, 280, 450, 580];
const NOISE = [4, -6, 3, -2, 5, -4, 2, 1, -5, 6, -3, -1];

/** `baseline.method` of a policy by the conditions of SEP. */
export const methodText = (verdict: 'print' | 'decide'): string => `
  method:
    regression:
      rows: month
      products: {electricity: [output, degree-days]}
      variables: {degree-days: {takes: sum}}
      coverage: "1"
      degrees_of_freedom: terms
      validity: {model_p: "0.10", variable_p: "0.20", one_variable_p: "0.10", r2: "0.5", deviations: "3"}
      confidence: "0.90"
      verdict: ${verdict}`;

/** A plant with a base load, output and a weather that differ from month to month, and degree days that it records. */
export function modelledScene(verdict: 'print' | 'decide', edit: (policy: string) => string = (same) => same): Scene {
  const meters = `${METERS}
  weather: {kind: variable, property: degree-days, unit: Kd}`;
  return createScene({
    boundary: boundaryText(meters.replaceAll(/unit: (mmBtu|MWh)\}/gu, 'unit: $1, accuracy: "0.005"}')),
    edit: (policy) => edit(policy.replace('\n  rule_fixed:', `${methodText(verdict)}\n  rule_fixed:`)),
  });
}

/** A year of months: `base` + 3 mmBtu a MWh + 0.5 a degree day, at `more` MWh a month than usual. */
export function submitModelledYear(scene: Scene, year: string, base: number, more = 0): void {
  for (const [index, month] of monthsOf(year).entries()) {
    const output = OUTPUT[index]! + more;
    const energy = base + 3 * output + 0.5 * DEGREE_DAYS[index]! + NOISE[index]!;
    const { world, plant } = scene;
    const weather = quantity(String(DEGREE_DAYS[index]), { unit: 'Kd' });
    submit(
      scene,
      Math.max(world.time, month.end + DAY),
      heatPackage(scene, month, String(energy)),
      outPackage(scene, month, String(output)),
      world.packageOf(plant, 'weather', 'variable', month.start, month.end, weather),
    );
  }
}

/** A year decided against the one before it: 60 mmBtu a month less than the baseline's base load, 10 MWh a month more. */
export function decideModelled(verdict: 'print' | 'decide' = 'decide'): Decided {
  const scene = modelledScene(verdict);
  submitModelledYear(scene, '2024', 500);
  submitModelledYear(scene, '2025', 440, 10);
  auditYear(scene, '2025');
  return decideAt(scene, '2025', at('2026') + 65 * DAY).decided;
}

/** A year of about twice the output that takes 20 mmBtu a month more than the baseline's model expects: a ratio alone certifies it. */
export function busierScene(verdict: 'print' | 'decide'): Scene {
  const scene = modelledScene(verdict, (policy) => policy.replace('deviations: "3"', 'deviations: "99"'));
  submitModelledYear(scene, '2024', 500);
  submitModelledYear(scene, '2025', 520, 280);
  auditYear(scene, '2025');
  return scene;
}
