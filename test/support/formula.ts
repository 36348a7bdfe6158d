import { type Rational, ratioOfText } from '../../src/calc/ratio.ts';

/** Numbers with + - x / ^2 and brackets, exactly. */
export function ratioOfFormula(formula: string): Rational {
  const tokens = formula.match(/[\d.]+|\^2|[-+x/()]/gu) ?? [];
  const stack: string[] = tokens.map((token) => ({ x: '*', '^2': '**2' })[token] ?? token);
  let next = 0;
  const fraction = (n: bigint, d: bigint): Rational => ratioOfText(d < 0n ? `${-n}/${-d}` : `${n}/${d}`);
  const factor = (): Rational => {
    const token = stack[next++] ?? '';
    let value: Rational;
    if (token === '(') {
      value = sum();
      next += 1;
    } else value = ratioOfText(token);
    if (stack[next] !== '**2') return value;
    next += 1;
    return fraction(value.n * value.n, value.d * value.d);
  };
  const product = (): Rational => {
    let left = factor();
    while (stack[next] === '*' || stack[next] === '/') {
      const times = stack[next++] === '*';
      const right = factor();
      left = times ? fraction(left.n * right.n, left.d * right.d) : fraction(left.n * right.d, left.d * right.n);
    }
    return left;
  };
  const sum = (): Rational => {
    let left = product();
    while (stack[next] === '+' || stack[next] === '-') {
      const sign = stack[next++] === '+' ? 1n : -1n;
      const right = product();
      left = fraction(left.n * right.d + sign * right.n * left.d, left.d * right.d);
    }
    return left;
  };
  return sum();
}
