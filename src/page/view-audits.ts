import type { DecisionView } from '../programme/decision-view.ts';
import type { AuditRow, DecisionPage } from '../report/decision-page.ts';
import { type Child, element, named, table } from './dom.ts';
import type { Words } from './words.ts';

/** What the audits of each relation come to. */
export function auditsTable(view: DecisionView, { say, word, number }: Words): HTMLElement {
  const figured = (title: string) => ({ title, figures: true });
  return table(
    say('audit.heading'),
    [
      { title: say('audit.relation') },
      { title: say('audit.standing') },
      figured(say('audit.share')),
      figured(say('audit.passes')),
      figured(say('audit.fails')),
      figured(say('audit.auditors')),
    ],
    view.audits.map((audit) => [
      word('relation', audit.relation),
      standing(audit, say, word),
      audit.sharePercent === null ? '–' : `${audit.sharePercent.displayed} % ${word('share', audit.relation)}`,
      number(audit.passes),
      number(audit.fails),
      number(audit.auditors),
    ]),
  );
}

function standing(audit: DecisionView['audits'][number], say: Words['say'], word: Words['word']): Child {
  if (!audit.passed) return audit.reason === null ? say('audit.notPassed') : word('reason', audit.reason);
  return audit.limited ? `${say('audit.passed')}${say('list.comma')}${say('audit.limited')}` : say('audit.passed');
}

/** Each audit by itself, with what it compared. */
export function auditList(
  decision: DecisionPage,
  audits: readonly AuditRow[],
  { say, word, number }: Words,
): HTMLElement {
  return element(
    'details',
    { 'data-key': `audits ${decision.place}` },
    element('summary', {}, say('audit.each'), ' ', element('span', { class: 'count' }, number(audits.length))),
    table(
      say('audit.each'),
      [
        { title: say('audit.auditor') },
        { title: say('audit.relation') },
        { title: say('audit.window') },
        { title: say('audit.labels') },
        { title: say('audit.verdict') },
        { title: say('audit.lines') },
        { title: say('audit.place') },
      ],
      audits.map((audit) => [
        named(audit.auditor),
        word('relation', audit.relation).split(/[:：]/)[0] ?? '',
        audit.window,
        audit.labels.map((label, index) => [index === 0 ? '' : say('list.comma'), named(label)]),
        word('opinion', audit.verdict),
        linesOf(audit, say),
        element('code', { translate: 'no' }, audit.place),
      ]),
    ),
  );
}

/** Each comparison in a line: what was reported, what the auditor's books say, how far apart. */
function linesOf({ figures }: AuditRow, say: Words['say']): Child {
  return (figures?.lines ?? []).map(({ label, direction, unit, reported, own, differencePercent }) =>
    element(
      'div',
      { class: 'compared' },
      named(label),
      direction === null ? '' : ` (${say('counts.export')})`,
      ` ${say('audit.reported')} ${reported} ${unit}`,
      own === null ? '' : `${say('list.comma')}${say('audit.own')} ${own}`,
      differencePercent === null ? '' : ` (${differencePercent} %)`,
    ),
  );
}
