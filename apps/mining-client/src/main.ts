#!/usr/bin/env node
import { endProcess, processIo, runCli, systemClock, systemRandom } from '@quarry/cli-kit'
import { miningClient } from './program.ts'

const io = processIo()
const program = miningClient({ io, clock: systemClock, random: systemRandom })
endProcess(await runCli(program, { io, args: process.argv.slice(2) }))
