import { build } from 'esbuild';
import { expect, test } from 'vitest';

/** The packages and Node modules that a file needs before anything is loaded on demand. */
async function staticImports(file: string, platform: 'node' | 'browser'): Promise<readonly string[]> {
  const { metafile } = await build({
    entryPoints: [file],
    bundle: true,
    write: false,
    format: 'esm',
    metafile: true,
    platform,
    outdir: 'unused',
    splitting: true,
    packages: 'external',
  });
  const imports = Object.values(metafile.outputs).flatMap((output) =>
    output.imports.filter(({ external, kind }) => external === true && kind === 'import-statement'),
  );
  return [...new Set(imports.map(({ path }) => path))].sort();
}

// Importing noble costs 43 ms; signing and verifying in Node must not pay for it.
test.each(['hash', 'merkle', 'cose'])('%s.ts: only node:crypto in Node, only noble in a browser', async (name) => {
  expect(await staticImports(`src/crypto/${name}.ts`, 'node')).toEqual(['node:crypto']);
  const browser = await staticImports(`src/crypto/${name}.ts`, 'browser');
  expect(browser.length).toBeGreaterThan(0);
  for (const path of browser) expect(path).toMatch(/^@noble\//);
});

test('age-encryption is loaded on demand', async () => {
  expect(await staticImports('src/crypto/key-file.ts', 'node')).toEqual(['@scure/base', 'node:crypto']);
});

test('reading the ledger needs no cbor-x, writing it does', async () => {
  expect(await staticImports('src/ledger/codec/decode.ts', 'browser')).toEqual([]);
  expect(await staticImports('src/ledger/codec/encode.ts', 'node')).toEqual(['cbor-x/encode']);
});
