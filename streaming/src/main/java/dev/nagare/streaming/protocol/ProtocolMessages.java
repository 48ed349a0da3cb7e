package dev.nagare.streaming.protocol;

import com.google.protobuf.ByteString;
import dev.nagare.streaming.protocol.wire.ModelInferRequest;

/**
 * The protocol's protobuf messages, for the gRPC door: what {@link ProtocolJson} is to the others.
 * Requests of all doors live in the same memory.
 *
 * <p>Safe for any thread.
 */
public final class ProtocolMessages {
  private final ProtocolJson json;

  /**
   * Creates a codec.
   *
   * @param json whose memory the tensors of decoded requests share
   */
  public ProtocolMessages(ProtocolJson json) {
    this.json = json;
  }

  /**
   * Reads the message of a request, whose raw contents go on sharing its memory.
   *
   * @throws ProtocolException status 400 if it is none
   */
  public static ModelInferRequest parse(ByteString bytes) {
    return MessageParser.parse(
        bytes,
        ModelInferRequest.parser(),
        "ModelInferRequest",
        () ->
            new ProtocolException(
                400,
                "expected at most "
                    + MessageParser.MOST_MEMBERS
                    + " inputs, outputs and parameters together, got more"));
  }

  /**
   * Decodes an inference request; each tensor is copied once, from the message to pooled memory.
   *
   * @return the caller's, to be closed
   * @throws ProtocolException status 400 that says what was expected and what was got; 429 if the
   *     memory for requests is in use by others; 413 if it can never be enough; 501 for shared
   *     memory
   */
  public InferenceRequest decode(ModelInferRequest message) {
    return new MessageReader(message, json).read();
  }

  /**
   * Encodes an answer as a {@code ModelInferResponse}, its tensors as {@code raw_output_contents}:
   * stock clients read nothing else.
   */
  public byte[] encode(InferenceResponse response) {
    return new MessageWriter(response).write();
  }

  /** Encodes an answer as a {@code ModelStreamInferResponse}. */
  public byte[] encodeStreamed(InferenceResponse response) {
    return new MessageWriter(response).writeStreamed();
  }
}
