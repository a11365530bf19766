import { Body, Controller, HttpCode, Inject, Post } from '@nestjs/common'
import { PRIMARY_NOTICE_PATH, primaryNoticeSchema, type PrimaryNotice } from '@quarry/contracts'
import { InternalOnly, NotInOpenApi } from '@quarry/service-kit'
import { ManagerConnection } from '../socket/manager-connection.ts'

/** Where a scheduler-manager that became primary says so. */
@NotInOpenApi()
@InternalOnly()
@Controller(PRIMARY_NOTICE_PATH)
export class PrimaryController {
  constructor(@Inject(ManagerConnection) private readonly managers: ManagerConnection) {}

  @Post()
  @HttpCode(200)
  told(@Body({ schema: primaryNoticeSchema }) notice: PrimaryNotice): { believed: boolean } {
    return { believed: this.managers.told(notice) }
  }
}
