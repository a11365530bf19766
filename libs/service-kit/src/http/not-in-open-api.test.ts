import { ApiExcludeController } from '@nestjs/swagger'
import 'reflect-metadata'
import { expect, test } from 'vitest'
import { NotInOpenApi } from './not-in-open-api.ts'

function metadataBy(decorator: ClassDecorator): unknown[] {
  class Controller {}
  decorator(Controller)
  return Reflect.getMetadataKeys(Controller).map((key: string): unknown => [key, Reflect.getMetadata(key, Controller)])
}

test('a controller is left out by the same mark that swagger sets', () => {
  expect(metadataBy(NotInOpenApi())).toEqual(metadataBy(ApiExcludeController()))
  expect(metadataBy(NotInOpenApi())).toHaveLength(1)
})
