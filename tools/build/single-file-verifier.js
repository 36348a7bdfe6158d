// The verifier that lies in export folders: one file that needs nothing but Node.
import { build } from 'esbuild';

/** Builds `verify.mjs` into a folder; `options` are those of the program. */
export async function buildSingleFileVerifier(options, plugins) {
  const { metafile } = await build({
    ...options,
    entryPoints: { verify: 'src/verifier/main.ts' },
    outExtension: { '.js': '.mjs' },
    // nothing beside it: the licences go into the file itself
    legalComments: 'eof',
    metafile: true,
    plugins,
  });
  const foreign = Object.values(metafile.outputs)
    .flatMap(({ imports }) => imports)
    .filter(({ path }) => !path.startsWith('node:'));
  if (foreign.length > 0) throw new Error(`the single-file verifier needs ${foreign.map(({ path }) => path).join(', ')}`);
}
