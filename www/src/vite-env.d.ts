interface ImportMetaEnv {
  /** The gateway's address with its stage; see gateway.ts. */
  readonly VITE_GATEWAY?: string
  /** Where clients connect instead, such as wss://…/prod; see gateway.ts. */
  readonly VITE_SOCKET_URL?: string
}
