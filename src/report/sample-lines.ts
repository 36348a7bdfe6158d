import type { PackageSample, SampledPackage } from '../programme/sample-packages.ts';

/** The packages drawn, a block of lines each, for somebody with the meter's paper in his hand. */
export function sampleLines({ seed, seedFrom, of, meters, packages }: PackageSample): readonly string[] {
  const from = seedFrom === 'head' ? 'the newest programme block' : 'as told';
  return [
    `SAMPLE    ${packages.length} of ${of.toLocaleString('en-US')} counting packages, ${meters.drawn} of ${meters.of} meters; each with the same chance`,
    `SEED      ${seed}  (${from}; the same draw again: --seed ${seed})`,
    ...packages.flatMap(packageLines),
  ];
}

function packageLines(drawn: SampledPackage, index: number): readonly string[] {
  const { organisation, meter, kind, interval, quantity, unit, of, provenance, register, place, commit } = drawn;
  const more = [of, provenance].filter((word) => word !== null).join(', ');
  return [
    `${String(index + 1).padStart(6)}    ${organisation}   ${meter} (${kind})   ${interval}   ${quantity} ${unit}   ${more}${register === null ? '' : `   register ${register}`}`,
    `          ${place}   commit ${commit.slice(0, 16)}   joulemark ledger receipt ${place}`,
  ];
}
