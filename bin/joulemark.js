#!/usr/bin/env node
const { existsSync } = require('node:fs');
const { availableParallelism } = require('node:os');
const { join } = require('node:path');
const { load } = require('./load.js');

// As many threads judge signatures as there are cores. Their number counts when the first is needed.
process.env.UV_THREADPOOL_SIZE ??= String(availableParallelism());
const program = join(__dirname, '../dist/joulemark.cjs');
if (existsSync(program)) {
  void load(program)
    .exports.main()
    .then((status) => (process.exitCode = status));
} else {
  process.stderr.write('joulemark: not built yet\nhint: npm run setup\n');
  process.exitCode = 1;
}
