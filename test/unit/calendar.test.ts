import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { describe, expect, test } from 'vitest';
import {
  addDuration,
  calendarWindows,
  dateAt,
  dateOf,
  dayNumberOf,
  type Duration,
  instantsOf,
  isZone,
  offsetAt,
  periodAt,
  showDate,
  showTime,
  startOfDay,
} from '../../src/programme/calendar.ts';

const DAY: Duration = { years: 0, months: 0, days: 1, seconds: 0 };
const MONTH: Duration = { years: 0, months: 1, days: 0, seconds: 0 };
const YEAR: Duration = { years: 1, months: 0, days: 0, seconds: 0 };
const at = (iso: string): number => Temporal.Instant.from(iso).epochMilliseconds / 1000;
const hours = (date: string, next: string, zone: string, dayStart = 0): number =>
  (startOfDay(next, zone, dayStart) - startOfDay(date, zone, dayStart)) / 3600;

describe('days', () => {
  test('a day of Berlin has 23 hours in spring, 25 in autumn, 24 else', () => {
    expect(hours('2026-03-28', '2026-03-29', 'Europe/Berlin')).toBe(24);
    expect(hours('2026-03-29', '2026-03-30', 'Europe/Berlin')).toBe(23);
    expect(hours('2026-10-25', '2026-10-26', 'Europe/Berlin')).toBe(25);
  });

  test('a production day from 08:00 is the one that holds the change', () => {
    expect(hours('2026-03-28', '2026-03-29', 'Europe/Berlin', 28_800)).toBe(23);
    expect(hours('2026-03-29', '2026-03-30', 'Europe/Berlin', 28_800)).toBe(24);
    expect(startOfDay('2026-03-11', 'Asia/Shanghai', 28_800)).toBe(at('2026-03-11T08:00:00+08:00'));
  });

  test('a midnight that the clocks skip begins the day at the first instant that exists', () => {
    expect(startOfDay('2018-11-04', 'America/Sao_Paulo')).toBe(at('2018-11-04T01:00:00-02:00'));
    expect(dateAt(at('2018-11-04T01:00:00-02:00') - 1, 'America/Sao_Paulo')).toBe('2018-11-03');
  });

  test('an evening repeated across midnight belongs to the day before', () => {
    // clocks go from 24:00 back to 23:00
    expect(dateAt(at('2018-02-17T23:30:00-03:00'), 'America/Sao_Paulo')).toBe('2018-02-17');
    expect(hours('2018-02-17', '2018-02-18', 'America/Sao_Paulo')).toBe(25);
  });

  test('a date that does not exist is refused', () => {
    expect(() => startOfDay('2026-02-29', 'UTC')).toThrow("no such date '2026-02-29'");
    expect(() => startOfDay('26-02-01', 'UTC')).toThrow('expected YYYY-MM-DD');
  });
});

describe('local times', () => {
  test('none in the skipped hour, two in the repeated one', () => {
    const local = (text: string): number => at(`${text}Z`);
    expect(instantsOf(local('2026-03-29T02:30:00'), 'Europe/Berlin')).toEqual([]);
    expect(instantsOf(local('2026-10-25T02:30:00'), 'Europe/Berlin')).toEqual([
      at('2026-10-25T02:30:00+02:00'),
      at('2026-10-25T02:30:00+01:00'),
    ]);
    expect(instantsOf(local('2026-10-25T03:00:00'), 'Europe/Berlin')).toEqual([at('2026-10-25T03:00:00+01:00')]);
  });

  test('shown with the offset of that moment', () => {
    expect(showTime(at('2026-03-09T18:10:00Z'), 'Asia/Shanghai')).toBe('2026-03-10 02:10 +08:00');
    expect(showTime(at('2026-01-01T00:00:05Z'), 'America/New_York')).toBe('2025-12-31 19:00:05 -05:00');
    expect(showTime(0, 'UTC')).toBe('1970-01-01 00:00 +00:00');
    expect(showDate(at('2026-03-09T18:10:00Z'), '+08:00')).toBe('2026-03-10');
  });

  test('zones', () => {
    for (const zone of ['Asia/Shanghai', 'Europe/Berlin', 'UTC', '+08:00', '-03:30', 'Etc/GMT+5'])
      expect(isZone(zone)).toBe(true);
    for (const zone of ['Mars/Olympus', '', '+8', '+25:00', '+08:00:30', 'Europe/Berlin ', '../etc'])
      expect(isZone(zone)).toBe(false);
    expect(() => offsetAt(0, 'Mars/Olympus')).toThrow("unknown time zone 'Mars/Olympus'");
  });
});

describe('periods', () => {
  test('months of a year, each with its own length', () => {
    const windows = calendarWindows(
      startOfDay('2026-01-01', 'Europe/Berlin'),
      startOfDay('2027-01-01', 'Europe/Berlin'),
      MONTH,
      'Europe/Berlin',
    );
    expect(windows).toHaveLength(12);
    expect(windows.map(({ start, end }) => (end - start) / 3600)).toEqual([
      744, 672, 743, 720, 744, 720, 744, 744, 720, 745, 720, 744,
    ]);
  });

  test('windows counted from the 31st do not drift, and the last one is cut at the end', () => {
    const windows = calendarWindows(startOfDay('2025-01-31', 'UTC'), startOfDay('2025-05-10', 'UTC'), MONTH, 'UTC');
    expect(windows.map(({ end }) => showDate(end, 'UTC'))).toEqual([
      '2025-02-28',
      '2025-03-31',
      '2025-04-30',
      '2025-05-10',
    ]);
  });

  test('no windows of nothing', () => {
    expect(() => calendarWindows(0, 10, { years: 0, months: 0, days: 0, seconds: 0 }, 'UTC')).toThrow(
      'a window of no length',
    );
    expect(calendarWindows(10, 10, DAY, 'UTC')).toEqual([]);
  });

  test('the period that holds an instant, before and after the first', () => {
    const first = startOfDay('2026-01-01', 'Asia/Shanghai');
    expect(periodAt(first, first, YEAR, 'Asia/Shanghai')).toEqual({
      index: 0,
      start: first,
      end: startOfDay('2027-01-01', 'Asia/Shanghai'),
    });
    expect(periodAt(first - 1, first, YEAR, 'Asia/Shanghai').index).toBe(-1);
    expect(periodAt(startOfDay('2031-12-31', 'Asia/Shanghai'), first, MONTH, 'Asia/Shanghai').index).toBe(71);
  });
});

describe('against Temporal', () => {
  const zone = fc.constantFrom(
    'Europe/Berlin',
    'America/New_York',
    'Asia/Shanghai',
    'Australia/Lord_Howe',
    'America/Sao_Paulo',
    'Africa/Casablanca',
    'Pacific/Apia',
    '+05:30',
  );
  const epoch = fc.integer({ min: at('1990-01-01T00:00:00Z'), max: at('2040-01-01T00:00:00Z') });

  test('offsets', () => {
    fc.assert(
      fc.property(epoch, zone, (instant, name) => {
        expect(offsetAt(instant, name)).toBe(
          Temporal.Instant.fromEpochMilliseconds(instant * 1000).toZonedDateTimeISO(name).offsetNanoseconds / 1e9,
        );
      }),
      { numRuns: 300 },
    );
  });

  test('starts of days', () => {
    fc.assert(
      fc.property(epoch, zone, fc.integer({ min: 0, max: 47 }), (instant, name, half) => {
        const date = showDate(instant, name);
        const expected = Temporal.PlainDate.from(date).toZonedDateTime({
          timeZone: name,
          plainTime: Temporal.PlainTime.from({ hour: Math.floor(half / 2), minute: (half % 2) * 30 }),
        });
        expect(startOfDay(date, name, half * 1800)).toBe(expected.epochMilliseconds / 1000);
      }),
      { numRuns: 300 },
    );
  });

  test('durations', () => {
    const duration = fc.record({
      years: fc.integer({ min: 0, max: 3 }),
      months: fc.integer({ min: 0, max: 30 }),
      days: fc.integer({ min: 0, max: 400 }),
      seconds: fc.integer({ min: 0, max: 100_000 }),
    });
    fc.assert(
      fc.property(epoch, zone, duration, (instant, name, length) => {
        const expected =
          Temporal.Instant.fromEpochMilliseconds(instant * 1000)
            .toZonedDateTimeISO(name)
            .add(length).epochMilliseconds / 1000;
        expect(addDuration(instant, length, name)).toBe(expected);
      }),
      { numRuns: 300 },
    );
  });

  test('every instant lies in its own day', () => {
    fc.assert(
      fc.property(epoch, zone, fc.integer({ min: 0, max: 23 }), (instant, name, hour) => {
        const date = dateAt(instant, name, hour * 3600);
        expect(startOfDay(date, name, hour * 3600)).toBeLessThanOrEqual(instant);
        expect(startOfDay(dateOf(dayNumberOf(date)! + 1), name, hour * 3600)).toBeGreaterThan(instant);
      }),
      { numRuns: 300 },
    );
  });
});
