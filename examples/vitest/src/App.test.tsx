import { render, screen } from '@testing-library/react'
import { fakeServer, type FakeServer } from 'everwire/testing'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import App from './App'

vi.mock('./session', () => ({ gateway: 'example.com', token: () => Promise.resolve('a token') }))

let server: FakeServer
beforeEach(() => {
  server = fakeServer({ url: 'ws://example.com/dev' })
})
afterEach(() => server.close())

it('shows notifications, also those after a loss', async () => {
  render(<App />)
  expect(screen.getByRole('status').textContent).toBe('closed')

  await server.connected()
  expect(screen.getByRole('status').textContent).toBe('open')
  server.push({ action: 'notification', title: 'Before the loss' })
  screen.getByText('Before the loss')

  server.drop()
  await server.connected()
  server.push({ action: 'notification', title: 'After the loss' })
  screen.getByText('After the loss')
})
