/** When a JWT expires, in milliseconds since 1970; `undefined` for any other token. */
export function expiryOf(token: string): number | undefined {
  try {
    const payload = (token.split('.')[1] ?? '').replace(/-/g, '+').replace(/_/g, '/')
    const { exp } = JSON.parse(atob(payload)) as { exp?: unknown }
    return typeof exp === 'number' ? exp * 1000 : undefined
  } catch {
    return undefined
  }
}

/**
 * `url` with the token in its query, in place of whatever has that name there. Other parameters stay as they
 * are written, byte for byte, where no other has to go.
 */
export function withToken(url: string, name: string, token: string | undefined): string {
  const target = new URL(url)
  target.hash = ''
  if (token === undefined) return target.href
  if (target.searchParams.has(name)) {
    target.searchParams.set(name, token)
  } else {
    const pair = String(new URLSearchParams({ [name]: token }))
    target.search = target.search.length > 1 ? `${target.search}&${pair}` : pair
  }
  return target.href
}
