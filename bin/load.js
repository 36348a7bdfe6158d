// Loads a built file together with the code that V8 made of it when it was built: compiling it anew would be a third of a start.
const { existsSync, readFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { dirname } = require('node:path');
const { Script } = require('node:vm');
const { crc32 } = require('node:zlib');

/** Code is good for the very Node that made it. */
exports.codeOf = (file) => `${file}.${process.version}-${process.platform}-${process.arch}.code`;

/**
 * What stands before the code in its file: CRC-32 of source and code. V8 compares the length of the source and nothing of the code, so that code
 * of another build, or with a byte changed, would run in its place. Against accidents: whoever can write here can change the program too.
 */
exports.sealOf = (source, code) => {
  const seal = Buffer.alloc(SEAL_BYTES);
  seal.writeUInt32LE(crc32(code, crc32(source)));
  return seal;
};

const SEAL_BYTES = 4;

function readCode(path, source) {
  if (!existsSync(path)) return undefined;
  const file = readFileSync(path);
  const code = file.subarray(SEAL_BYTES);
  return exports.sealOf(source, code).equals(file.subarray(0, SEAL_BYTES)) ? code : undefined;
}

exports.load = (file) => {
  const source = readFileSync(file);
  const cachedData = readCode(exports.codeOf(file), source);
  // all of it is ASCII, which V8 keeps as it is
  const text = `(function (exports, require, module, __filename, __dirname) {${source.latin1Slice()}\n})`;
  const script = new Script(text, { filename: file, ...(cachedData === undefined ? {} : { cachedData }) });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(file), module, file, dirname(file));
  return { exports: module.exports, script };
};
