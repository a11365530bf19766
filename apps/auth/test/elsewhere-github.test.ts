import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openElsewhere, where, type Elsewhere } from './elsewhere-stage.ts'
import { cookiesOf } from './running-auth.ts'

let stage: Elsewhere
let github: Server
/** What the stand-in for GitHub's documented API says of whoever signs in there. */
let githubEmails = [{ email: 'Octo@Example.com', primary: true, verified: true, visibility: null }]
beforeAll(async () => {
  github = await startGithub()
  const url = `http://127.0.0.1:${(github.address() as AddressInfo).port}`
  stage = await openElsewhere((shared) => [{ ...shared, id: 'github', kind: 'github', baseUrl: url, apiUrl: url }])
})
afterAll(async () => {
  await stage.close()
  github.close()
})

describe('GitHub', () => {
  it('signs in by its primary verified address, and not by another', async () => {
    const begun = await stage.start('github')
    const url = new URL(begun.body.url as string)
    expect([url.pathname, url.searchParams.get('scope')]).toEqual(['/login/oauth/authorize', 'read:user user:email'])
    const sentBack = await fetch(url, { redirect: 'manual' })
    const back = await stage.comeBack(new URL(sentBack.headers.get('location')!), cookiesOf(begun))
    expect(where(back)).toBe('/orders')
    expect((await stage.session(cookiesOf(back))).body.user).toMatchObject({ email: 'octo@example.com' })
  })

  it('does not vouch for an address that it has not verified', async () => {
    githubEmails = githubEmails.map((each) => ({ ...each, email: 'second@example.com', verified: false }))
    githubUser++
    const begun = await stage.start('github')
    const sentBack = await fetch(begun.body.url as string, { redirect: 'manual' })
    const back = await stage.comeBack(new URL(sentBack.headers.get('location')!), cookiesOf(begun))
    expect(where(back)).toBe('/login?problem=elsewhere_unverified&next=%2Forders')
  })
})

let githubUser = 583231

/** The four addresses of GitHub that its documentation describes for this. */
async function startGithub(): Promise<Server> {
  const server = createServer((request, response) => {
    const url = new URL(request.url!, 'http://github')
    const answer = (body: unknown) =>
      response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body))
    if (url.pathname === '/login/oauth/authorize') {
      const back = new URL(url.searchParams.get('redirect_uri')!)
      back.searchParams.set('code', 'a-code-of-github')
      back.searchParams.set('state', url.searchParams.get('state')!)
      response.writeHead(302, { location: back.href }).end()
    } else if (url.pathname === '/login/oauth/access_token')
      answer({ access_token: 'gho_token', token_type: 'bearer', scope: 'read:user,user:email' })
    else if (request.headers.authorization !== 'Bearer gho_token') response.writeHead(401).end('{}')
    else if (url.pathname === '/user') answer({ id: githubUser, login: 'octocat' })
    else answer(githubEmails)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}
