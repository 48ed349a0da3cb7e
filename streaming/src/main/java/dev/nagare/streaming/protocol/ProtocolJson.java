package dev.nagare.streaming.protocol;

import dev.nagare.tensor.MemoryPool;

/**
 * The protocol's JSON, for every door: numbers go straight from the text into pooled memory.
 *
 * <p>Safe for any thread.
 */
public final class ProtocolJson {
  private final MemoryPool requests;

  /**
   * Creates a codec.
   *
   * @param requests where the tensors of decoded requests live
   */
  public ProtocolJson(MemoryPool requests) {
    this.requests = requests;
  }

  /**
   * Decodes an inference request.
   *
   * @throws ProtocolException status 400 that says what was expected and what was got, and where
   */
  @SuppressWarnings("DoNotCallSuggester")
  public InferenceRequest decode(byte[] json) {
    throw new ProtocolException(501, "not yet " + requests.heldBytes() + json.length);
  }

  /** Encodes an answer. */
  @SuppressWarnings("DoNotCallSuggester")
  public byte[] encode(InferenceResponse response) {
    throw new ProtocolException(501, "not yet " + response.modelName());
  }
}
