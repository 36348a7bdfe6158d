import { describe, expect, test } from 'vitest';
import { fileReader, streamReader } from '../../../src/ingest/meter-reader.ts';
import { bytesOf, meter, show, situation } from './situation.ts';

const where = situation([
  meter('main', { unit: 'kWh' }),
  meter('sold', { kind: 'shipment', product: 'cement', unit: 't' }),
]);
const hour = (at: number, value: string): string => {
  const stamp = (hours: number): string =>
    `2026-03-0${1 + Math.floor(hours / 24)}T${String(hours % 24).padStart(2, '0')}:00:00+08:00`;
  return `{"meter":"main","start":"${stamp(at)}","end":"${stamp(at + 1)}","value":${value},"unit":"kWh"}\n`;
};
const hours = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, index) => hour(from + index, String(from + index))).join('');

describe('reading in parts', () => {
  test('gives the same packages wherever a stream is cut', () => {
    const whole = streamReader()
      .read(bytesOf(hours(0, 72)), 'stream', where)
      .drafts.map((draft) => show(draft));
    expect(whole).toHaveLength(3);
    for (const cut of [1, 23, 24, 25, 40, 71]) {
      const reader = streamReader();
      const first = reader.read(bytesOf(hours(0, cut)), 'stream', where);
      reader.keep();
      const second = reader.read(bytesOf(hours(cut, 72)), 'stream', where);
      expect(
        [...first.drafts, ...second.drafts].map((draft) => show(draft)),
        `cut after ${cut}`,
      ).toEqual(whole);
      expect(second.drafts.at(-1)?.place.line).toBe(49);
    }
  });

  test('forgets a part that was refused', () => {
    const reader = fileReader(undefined);
    reader.read(bytesOf(hours(0, 30)), 'a', where);
    reader.keep();
    reader.read(bytesOf(hours(30, 40).replaceAll(':39,', ':999,')), 'refused', where);
    const last = reader.read(bytesOf(hours(30, 48)), 'b', where);
    expect(last.drafts.map((draft) => show(draft))).toEqual(['main 2026-03-02 00:00..2026-03-03 00:00 852 metered']);
  });

  test('names the line of the whole stream', () => {
    const reader = streamReader();
    reader.read(bytesOf(hours(0, 3)), 'stream', where);
    reader.keep();
    expect(() => reader.read(bytesOf(`${hours(3, 4)}{}\n`), 'stream', where)).toThrow('stream:5');
  });

  test('adds shipments up over the parts of a stream, not over files that may repeat rows', () => {
    const lorry =
      '{"meter":"sold","start":"2026-03-01T08:00:00+08:00","end":"2026-03-01T09:00:00+08:00","value":20,"unit":"t","party":"acme"}\n';
    const later = lorry.replaceAll('03-01T', '03-02T');
    const read = (reader: ReturnType<typeof streamReader>): readonly string[] => {
      reader.read(bytesOf(lorry), 'a', where);
      reader.keep();
      return reader.read(bytesOf(lorry + later), 'b', where).drafts.map((draft) => show(draft));
    };
    expect(read(streamReader())).toEqual(['sold/acme 2026-03-01 00:00..2026-03-02 00:00 40 metered']);
    expect(read(fileReader(undefined))).toEqual(['sold/acme 2026-03-01 00:00..2026-03-02 00:00 20 metered']);
  });
});
