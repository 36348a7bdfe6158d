import { defineCommand } from '../cli/command.ts';
import { createHome } from '../home/home.ts';
import { JoulemarkError } from '../errors.ts';

export const init = defineCommand({
  path: ['init'],
  summary: 'Make the home of an organisation here: its name, keys and configuration',
  description:
    'The home is the folder .joulemark: configuration, keys and, later, the ledger. It never leaves this machine. The keys are made here; ' +
    'none is ever overwritten. With --encrypt they need a passphrase at every signature, which suits people and not cron.\n\n' +
    'Besides the signing key there is a next key: only it can replace a signing key that is lost or stolen. Move keys/next.key to another ' +
    'place, offline.',
  examples: [
    'joulemark init "Guangnan Cement"',
    'joulemark init "Example Certification" --encrypt',
    'joulemark init "Guangnan Cement" --home ./guangnan --legal-id 91441800MA4EXAMPLE',
  ],
  args: ['[name]'],
  options: {
    legalId: { value: '<id>', description: 'registration number; goes on the ledger with the name' },
    encrypt: { description: 'protect the key files with a passphrase' },
  },
  effect: 'write',
  exits: ['OK', 'USAGE', 'KEY_UNAVAILABLE', 'FAILED'],
  async run(context, [given], { legalId, encrypt }) {
    if (context.hasPassphraseFile && !encrypt)
      throw new JoulemarkError(
        'USAGE',
        '--passphrase-file is for keys that need a passphrase: expected --encrypt with it',
        {
          hints: [
            'to protect the new keys with that passphrase: add --encrypt',
            'for keys that anybody can use who reads them: leave --passphrase-file out',
          ],
        },
      );
    const name = (
      given ?? (await context.prompt.text({ message: 'Name of the organisation:', flag: 'joulemark init "<name>"' }))
    ).trim();
    assertPlain('the name of an organisation', name, 200);
    if (legalId !== undefined) assertPlain('--legal-id', legalId, 60);
    const passphrase = encrypt ? () => context.passphrase({ purpose: 'the new keys', confirm: true }) : null;
    await createHome(context.newHome, { name, legalId, random: context.random, passphrase });
    return { home: context.newHome, name, legalId: legalId ?? null, encrypted: encrypt };
  },
  render: ({ home, name, encrypted }, ui) =>
    [
      `${ui.good('made')} the home of ${ui.strong(name)} in ${home}`,
      `keys       ${encrypted ? 'encrypted with your passphrase' : 'not encrypted: whoever reads keys/ can sign as you'}`,
      'next key   keys/next.key replaces a lost signing key: move it to another place, offline',
      ui.dim('a certification body goes on with: joulemark programme create policy.yaml'),
      ui.dim('everybody else goes on with:       joulemark join <remote> --ledger <id>'),
    ].join('\n'),
});

/** Line breaks, escape sequences and marks that turn text around: others would only ever see them spelled out. */
const MISLEADING = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}]/u;

function assertPlain(what: string, text: string, most: number): void {
  if (text === '' || text.length > most)
    throw new JoulemarkError('USAGE', `${what} has 1 to ${most} characters, found ${text.length}`);
  const [found] = MISLEADING.exec(text) ?? [];
  if (found === undefined) return;
  const code = (found.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  throw new JoulemarkError('USAGE', `${what} holds the character U+${code}, which no reader can see`, {
    hints: ['type it anew, as plain text on one line'],
  });
}
