#!/usr/bin/env node
import { endProcess, processIo, runCli, systemClock, systemRandom } from '@quarry/cli-kit'
import { miningClient } from './program.ts'

// Whoever runs us as a part of itself is gone: end as if it had asked us to.
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'))
process.channel?.unref()

const io = processIo()
const program = miningClient({ io, clock: systemClock, random: systemRandom })
endProcess(await runCli(program, { io, args: process.argv.slice(2) }))
