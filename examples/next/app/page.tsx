import Notifications from './Notifications'

export default function Page() {
  return (
    <main>
      <h1>Notifications</h1>
      <Notifications />
    </main>
  )
}
