import { render, screen } from '@testing-library/react'
import { expect, it } from 'vitest'
import App from './App'

it('shows the connection', () => {
  render(<App />)
  expect(screen.getByRole('status').textContent).toBe('closed')
})
