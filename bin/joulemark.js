#!/usr/bin/env node
// As many threads judge signatures as there are cores. Their number counts when the first module is loaded, so this file is CommonJS.
process.env.UV_THREADPOOL_SIZE ??= String(process.getBuiltinModule('node:os').availableParallelism());
void import('../dist/main.js').then(async ({ main }) => (process.exitCode = await main()));
