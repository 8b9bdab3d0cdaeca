interface ImportMetaEnv {
  /** Where the gateway listens, as `host:port`. */
  readonly VITE_GATEWAY?: string
}
