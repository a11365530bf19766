import { CodedError, type CoinService } from '@quarry/contracts'
import { mintAccount, userAccount, type Clock, type Transfer, type UserId } from '@quarry/domain'
import type { LiveEvents } from '@quarry/messaging-port'

const CLAIMS_A_DAY = 10
const DAY_MS = 24 * 3600 * 1000

/** Coins for nothing, where the operator enables it: so many a day, counted by the ledger itself through the ids. */
export class ClaimFaucet {
  readonly #coins: CoinService
  readonly #live: LiveEvents
  readonly #clock: Clock
  readonly #rules: { faucet: boolean; faucetCoins: number }

  constructor(
    deps: { coins: CoinService; live: LiveEvents; clock: Clock },
    rules: { faucet: boolean; faucetCoins: number },
  ) {
    this.#coins = deps.coins
    this.#live = deps.live
    this.#clock = deps.clock
    this.#rules = rules
  }

  /** Throws `faucet_disabled`, `invalid_input` above the most at once, `faucet_limit` after the day's last claim. */
  async run(userId: UserId, amountCoins: number): Promise<void> {
    const { faucet, faucetCoins } = this.#rules
    if (!faucet) throw new CodedError('faucet_disabled', 'The operator of this marketplace gives no coins away.')
    if (amountCoins > faucetCoins) {
      const fields = [{ field: 'amountCoins', problem: `is ${amountCoins}`, allowed: `1 to ${faucetCoins}` }]
      throw new CodedError('invalid_input', `amountCoins is ${amountCoins}; allowed are 1 to ${faucetCoins}.`, {
        fields,
      })
    }
    const now = this.#clock.now()
    const day = Math.floor(now / DAY_MS)
    for (let claim = 0; claim < CLAIMS_A_DAY; claim++) {
      const [outcome] = await this.#coins.apply([grant({ userId, amountCoins, day, claim, now })])
      if (outcome?.kind !== 'posted' || outcome.repeated) continue
      this.#live.publish(`user:${userId}`, { kind: 'balance-changed' })
      return
    }
    const retryAfterMs = (day + 1) * DAY_MS - now
    throw new CodedError('faucet_limit', `The faucet gives ${CLAIMS_A_DAY} times a day; come back tomorrow.`, {
      retryAfterMs,
    })
  }
}

function grant(claim: { userId: UserId; amountCoins: number; day: number; claim: number; now: number }): Transfer {
  return {
    id: `faucet:${claim.userId}:${claim.day}:${claim.claim}`,
    kind: 'mint',
    debit: mintAccount(claim.userId),
    credit: userAccount(claim.userId),
    amountCoins: claim.amountCoins,
    at: claim.now,
  }
}
