import { Module } from '@nestjs/common'
import { LOGGER } from '@quarry/service-kit'
import type { Logger } from 'pino'
import { SpreadServers } from './application/spread-servers.ts'
import { RoutesController } from './http/routes.controller.ts'
import { readTemplate } from './read-template.ts'
import { resolveByDns } from './resolve-by-dns.ts'
import { routesConfig, type RoutesConfig } from './routes.config.ts'

@Module({
  controllers: [RoutesController],
  providers: [
    {
      provide: SpreadServers,
      inject: [routesConfig.token, LOGGER],
      useFactory: ({ template }: RoutesConfig, logger: Logger) =>
        new SpreadServers(readTemplate(template), { resolve: resolveByDns, logger }),
    },
  ],
})
export class RoutesModule {}
