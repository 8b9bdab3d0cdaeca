/** Where the gateway listens, as `host:port`. */
export const gateway = process.env.NEXT_PUBLIC_GATEWAY ?? '127.0.0.1:3001'

/** A token from the gateway's demo login. In your app: from your own login. */
export async function token(): Promise<string> {
  const response = await fetch(`http://${gateway}/demo/sign-in`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ user: 'alice' }),
  })
  const { accessToken } = (await response.json()) as { accessToken: string }
  return accessToken
}
