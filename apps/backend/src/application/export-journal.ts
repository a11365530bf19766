import type { CoinService, JournalLine } from '@quarry/contracts'
import type { TransferKind, UserId } from '@quarry/domain'

const PAGE_LINES = 200
const COLUMNS = 'time,kind,amount,order,transfer'

/** A user's whole journal as text, a page at a time, newest first: what comes meanwhile is not in it. */
export async function* exportJournal(
  coins: Pick<CoinService, 'journal'>,
  what: { userId: UserId; format: 'csv' | 'jsonl'; kind?: TransferKind },
): AsyncGenerator<string, void> {
  const { userId, format, kind } = what
  const write = format === 'csv' ? csvLine : jsonLine
  let head = format === 'csv' ? `${COLUMNS}\r\n` : ''
  let after: string | undefined
  do {
    const page = await coins.journal(userId, {
      limit: PAGE_LINES,
      ...(after !== undefined && { after }),
      ...(kind && { kind }),
    })
    yield head + page.items.map(write).join('')
    head = ''
    after = page.next
  } while (after !== undefined)
}

/** No field needs quotes: ids, kinds and numbers have neither commas nor line ends, and none begins like a formula. */
function csvLine({ at, kind, amountCoins, orderId = '', transferId }: JournalLine): string {
  return `${new Date(at).toISOString()},${kind},${amountCoins},${orderId},${transferId}\r\n`
}

function jsonLine({ at, ...line }: JournalLine): string {
  return `${JSON.stringify({ time: new Date(at).toISOString(), ...line })}\n`
}
