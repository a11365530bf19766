import { Module } from '@nestjs/common'

export const module = Module
