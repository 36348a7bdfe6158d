// The verifier that lies in export folders: one file that needs nothing but Node 20, of whatever minor version.
import { build } from 'esbuild';

/** What Node 20 got only in 20.12 and 20.15, made of what it had before: an auditor's laptop is not kept up to date for us. */
const MODULES = {
  'node:crypto': `
    import * as all from 'node:crypto';
    export const { createHash, createHmac, createPrivateKey, createPublicKey, randomBytes, sign, verify } = all;
    export const hash = all.hash ?? ((name, data, encoding) => createHash(name).update(data).digest(encoding));`,
  'node:zlib': `
    import * as all from 'node:zlib';
    import { portablePackTools } from './src/ledger/git/portable-pack-tools.ts';
    export const { deflateSync, inflateSync } = all;
    export const crc32 = all.crc32 ?? portablePackTools.crc32;`,
};

const oldNode = {
  name: 'old-node',
  setup(plugin) {
    plugin.onResolve({ filter: /^node:(?:crypto|zlib)$/ }, ({ path, namespace }) =>
      namespace === 'old-node' ? { path, external: true } : { path, namespace: 'old-node' },
    );
    plugin.onLoad({ filter: /./, namespace: 'old-node' }, ({ path }) => ({
      contents: MODULES[path],
      resolveDir: plugin.initialOptions.absWorkingDir,
    }));
  },
};

/** Builds `verify.mjs` into a folder; `options` and `plugins` are those of the program. */
export async function buildSingleFileVerifier(options, plugins) {
  const { metafile } = await build({
    ...options,
    entryPoints: { verify: 'src/verifier/main.ts' },
    format: 'esm',
    // CommonJS packages in it call require() for Node's own modules
    banner: {
      js: "import { createRequire as createRequireOfNode } from 'node:module'; const require = createRequireOfNode(import.meta.url);",
    },
    outExtension: { '.js': '.mjs' },
    // nothing beside it: the licences go into the file itself
    legalComments: 'eof',
    metafile: true,
    plugins: [oldNode, ...plugins],
  });
  const foreign = Object.values(metafile.outputs)
    .flatMap(({ imports }) => imports)
    .filter(({ path }) => !path.startsWith('node:'));
  if (foreign.length > 0)
    throw new Error(`the single-file verifier needs ${foreign.map(({ path }) => path).join(', ')}`);
}
