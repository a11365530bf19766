import { SetMetadata } from '@nestjs/common'

/**
 * Leaves a controller out of the OpenAPI description, as swagger's `ApiExcludeController` does, but without loading swagger:
 * most services have no description, and it takes 10 MB.
 */
export const NotInOpenApi = () => SetMetadata('swagger/apiExcludeController', [true])
