interface ImportMetaEnv {
  /** The gateway's address with its stage; see gateway.ts. */
  readonly VITE_GATEWAY?: string
}
