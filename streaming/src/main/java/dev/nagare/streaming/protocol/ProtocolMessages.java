package dev.nagare.streaming.protocol;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import dev.nagare.streaming.protocol.wire.ModelInferRequest;
import java.io.IOException;

/**
 * The protocol's protobuf messages, for the gRPC door: what {@link ProtocolJson} is to the others.
 * Requests of all doors live in the same memory.
 *
 * <p>Safe for any thread.
 */
public final class ProtocolMessages {
  /** Far more than inputs, outputs and parameters of any request. */
  private static final int MOST_MEMBERS = 1024;

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
    try {
      requireFew(bytes);
      CodedInputStream in = bytes.newCodedInput();
      in.enableAliasing(true);
      ModelInferRequest message = ModelInferRequest.parser().parseFrom(in);
      in.checkLastTagWas(0);
      return message;
    } catch (InvalidProtocolBufferException e) {
      throw new ProtocolException(400, "not a ModelInferRequest: " + e.getMessage());
    } catch (IOException e) {
      throw new IllegalStateException(e); // bytes in memory have no input or output errors
    }
  }

  /** An empty input takes two bytes of a message and a hundred of the heap. */
  private static void requireFew(ByteString bytes) throws IOException {
    CodedInputStream in = bytes.newCodedInput();
    int members = 0;
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED
          && ++members > MOST_MEMBERS) {
        throw new ProtocolException(
            400,
            "expected at most "
                + MOST_MEMBERS
                + " inputs, outputs and parameters together, got more");
      }
      if (!in.skipField(tag)) {
        break; // the end of a group that did not begin, which parsing refuses
      }
    }
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
