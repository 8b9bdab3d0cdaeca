import { render, screen } from '@testing-library/react'
import { fakeServer } from 'everwire/testing'
import App from './App'

jest.mock('./session', () => ({ gateway: 'example.com', token: async () => 'a token' }))

let server
beforeEach(() => {
  server = fakeServer({ url: 'ws://example.com/dev' })
})
afterEach(() => server.close())

test('shows notifications, also those after a loss', async () => {
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
