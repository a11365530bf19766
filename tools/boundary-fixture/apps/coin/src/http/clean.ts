import { Injectable } from '@nestjs/common'
import { marker } from '@quarry/service-kit'

export const edge = [Injectable, marker, Date.now()]
