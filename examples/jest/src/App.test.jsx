import { render, screen } from '@testing-library/react'
import App from './App'

test('shows the connection', () => {
  render(<App />)
  expect(screen.getByRole('status').textContent).toBe('closed')
})
