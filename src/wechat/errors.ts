/** Why a request is not taken as WeChat's. Written to the log, never to the HTTP answer. */
export type SignatureFailure =
  /** signature, timestamp, nonce or msg_signature is absent from the query. */
  | 'missing'
  /** `signature` does not fit: the Token differs. */
  | 'token'
  /** `msg_signature` does not fit: the Token differs, or the body was altered. */
  | 'msg_signature'
  /** The body cannot be decrypted: the EncodingAESKey differs. */
  | 'decrypt'
  /** The body decrypts well, but was meant for another account. */
  | 'appid'
  /** The timestamp is too far from our clock. */
  | 'stale'
  /** A plain push where only encrypted ones are taken. */
  | 'downgrade'
  /** An encrypted push, or one that should be, in JSON: it has no signature that could be checked here. */
  | 'json';

/** The request is not from WeChat, or the Token, EncodingAESKey or AppID differs: the operator must act. */
export class SignatureError extends Error {
  override name = 'SignatureError' as const;
  readonly reason: SignatureFailure;

  constructor(reason: SignatureFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** The push is from WeChat, but cannot be read. Nobody can act: WeChat would only repeat the same body. */
export class PushError extends Error {
  override name = 'PushError' as const;
}
