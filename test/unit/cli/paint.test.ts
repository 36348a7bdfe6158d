import { describe, expect, test } from 'vitest';
import { createMarkup } from '../../../src/cli/markup.ts';
import { paint } from '../../../src/cli/paint.ts';

describe('painting', () => {
  test('without colour leaves the text', async () => {
    const markup = createMarkup();
    const { ui } = markup;
    expect(await paint(`${ui.strong(`a ${ui.good('b')}`)} c`, markup, false)).toBe('a b c');
  });

  test('with colour sets styles, nested ones too', async () => {
    const markup = createMarkup();
    const { ui } = markup;
    expect(await paint(ui.strong(`a ${ui.good('b')}`), markup, true)).toBe(
      '\u001b[1ma \u001b[32mb\u001b[39m\u001b[22m',
    );
  });

  test('sets columns under each other, Chinese and styled cells too', async () => {
    const markup = createMarkup();
    const { ui } = markup;
    const table = ui.table(
      [
        ['鞍山', ui.bad('7')],
        ['acme', '1,204'],
      ],
      { head: ['name', 'blocks'], align: ['left', 'right'] },
    );
    expect(await paint(`${table}\nend`, markup, false)).toBe('name   blocks\n鞍山        7\nacme    1,204\nend');
  });

  test('a table without rows is nothing', async () => {
    const markup = createMarkup();
    expect(await paint(markup.ui.table([], { head: ['a'] }), markup, false)).toBe('');
  });
});
