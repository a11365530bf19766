import { Module } from '@nestjs/common'
import { ManagersGateway } from './socket/managers.gateway.ts'

@Module({ providers: [ManagersGateway] })
export class SchedulerManagerModule {}
