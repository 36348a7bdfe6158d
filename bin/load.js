// Loads a built file together with the code that V8 made of it when it was built: compiling it anew would be a third of a start.
const { existsSync, readFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { dirname } = require('node:path');
const { Script } = require('node:vm');

/** Code is good for the very Node that made it; V8 leaves code of another source or with other flags aside by itself. */
exports.codeOf = (file) => `${file}.${process.version}-${process.platform}-${process.arch}.code`;

exports.load = (file) => {
  const code = exports.codeOf(file);
  // all of it is ASCII, which V8 keeps as it is
  const source = `(function (exports, require, module, __filename, __dirname) {${readFileSync(file, 'latin1')}\n})`;
  const script = new Script(source, {
    filename: file,
    ...(existsSync(code) ? { cachedData: readFileSync(code) } : {}),
  });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(file), module, file, dirname(file));
  return { exports: module.exports, script };
};
