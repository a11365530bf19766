import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common'
import {
  applyTransfersSchema,
  balanceQuerySchema,
  flowsQuerySchema,
  journalQuerySchema,
  orderCoinsQuerySchema,
  type CoinService,
} from '@quarry/contracts'
import type { Transfer } from '@quarry/domain'
import { COIN_SERVICE, InternalOnly, invalidInput, NotInOpenApi } from '@quarry/service-kit'
import type { z } from 'zod'

/** The coin service for other processes of the cluster. */
@NotInOpenApi()
@InternalOnly()
@Controller('internal/coins')
export class CoinsController {
  constructor(@Inject(COIN_SERVICE) private readonly coins: CoinService) {}

  @Post('apply')
  @HttpCode(200)
  apply(@Body({ schema: applyTransfersSchema }) body: z.infer<typeof applyTransfersSchema>) {
    const twice = body.transfers.findIndex(({ debit, credit }) => debit === credit)
    if (twice >= 0)
      throw invalidInput([{ path: ['transfers', twice, 'credit'], message: 'must not be the account of debit' }])
    return this.coins.apply(body.transfers as Transfer[])
  }

  @Post('balance')
  @HttpCode(200)
  balance(@Body({ schema: balanceQuerySchema }) body: z.infer<typeof balanceQuerySchema>) {
    return this.coins.balance(body.userId)
  }

  @Post('journal')
  @HttpCode(200)
  journal(@Body({ schema: journalQuerySchema }) { userId, page }: z.infer<typeof journalQuerySchema>) {
    const { limit, after, kind } = page
    return this.coins.journal(userId, { limit, ...(after !== undefined && { after }), ...(kind && { kind }) })
  }

  @Post('flows')
  @HttpCode(200)
  flows(@Body({ schema: flowsQuerySchema }) { userId, days }: z.infer<typeof flowsQuerySchema>) {
    return this.coins.flows(userId, days)
  }

  @Post('order-coins')
  @HttpCode(200)
  orderCoins(@Body({ schema: orderCoinsQuerySchema }) body: z.infer<typeof orderCoinsQuerySchema>) {
    return this.coins.orderCoins(body.orderIds)
  }
}
