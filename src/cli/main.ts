#!/usr/bin/env node
import { runCommand } from './program.ts';

// What was begun before a problem of the setup was found must not keep the process.
if (!(await runCommand(process.argv.slice(2)))) setImmediate(() => process.exit());
