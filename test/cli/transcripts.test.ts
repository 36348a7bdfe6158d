import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, test } from 'vitest';
import { runTranscript } from '../support/transcript.ts';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));

describe('transcripts', () => {
  for (const name of readdirSync(FOLDER).filter((file) => file.endsWith('.txt'))) {
    test(name, () => runTranscript(`${FOLDER}${name}`));
  }
});
