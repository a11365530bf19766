import { Controller, Get, Inject } from '@nestjs/common'
import { OpenToAll } from '@quarry/service-kit'
import { SpreadServers, type DynamicConfig } from '../application/spread-servers.ts'

/** Traefik asks here, every second or two, by its HTTP provider. Nothing secret is in it; no route leads here. */
@Controller('routes')
export class RoutesController {
  constructor(@Inject(SpreadServers) private readonly spread: SpreadServers) {}

  @Get()
  @OpenToAll()
  routes(): Promise<DynamicConfig> {
    return this.spread.run()
  }
}
