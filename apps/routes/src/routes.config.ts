import { defineConfig } from '@quarry/service-kit'
import { z } from 'zod'

/** Settings of the routes service. */
export const routesConfig = defineConfig('routes', {
  template: {
    variable: 'QUARRY_ROUTES_TEMPLATE',
    schema: z.string().default('./traefik/dynamic.yml'),
    about: "Traefik's rules, with each service under the name by which DNS gives its instances",
  },
})

export type RoutesConfig = ReturnType<typeof routesConfig.read>
