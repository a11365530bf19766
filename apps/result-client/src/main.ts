#!/usr/bin/env node
import { endProcess, processIo, runCli, systemClock, systemRandom } from '@quarry/cli-kit'
import { resultClient } from './program.ts'

const io = processIo()
const program = resultClient({ io, clock: systemClock, random: systemRandom })
endProcess(await runCli(program, { io, args: process.argv.slice(2) }))
