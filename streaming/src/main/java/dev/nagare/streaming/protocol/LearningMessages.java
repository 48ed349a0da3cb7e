package dev.nagare.streaming.protocol;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.nagare.streaming.protocol.wire.LabelsRequest;
import dev.nagare.streaming.protocol.wire.LearnRequest;
import dev.nagare.streaming.protocol.wire.LearnResponse;
import dev.nagare.streaming.protocol.wire.ModelInferRequest;
import dev.nagare.streaming.protocol.wire.ModelInferResponse;

/**
 * The messages that teach a model. The log has them as JSON, so they become what callers of the
 * other doors send, and are checked where those are.
 *
 * <p>Safe for any thread.
 */
public final class LearningMessages {
  private LearningMessages() {}

  /**
   * Reads the message of an event.
   *
   * @throws ProtocolException status 400 if it is none
   */
  public static LearnRequest parseEvent(ByteString bytes) {
    return MessageParser.parse(
        bytes,
        LearnRequest.parser(),
        "LearnRequest",
        () -> new ProtocolException(400, "inputs: expected a row and its label, got too many"));
  }

  /**
   * Reads the message of labels.
   *
   * @throws ProtocolException status 400 if it is none, 413 if it has too many
   */
  public static LabelsRequest parseLabels(ByteString bytes) {
    return MessageParser.parse(
        bytes,
        LabelsRequest.parser(),
        "LabelsRequest",
        () -> new ProtocolException(413, "labels: expected at most 1000 in a call, got more"));
  }

  /**
   * An event as a request of the protocol in JSON, each number with the bits that it came with.
   *
   * @param json whose memory is borrowed
   * @throws ProtocolException as {@link ProtocolMessages#decode}, and 400 for a number that JSON
   *     does not have
   */
  public static byte[] event(LearnRequest event, ProtocolJson json) {
    ModelInferRequest message =
        ModelInferRequest.newBuilder()
            .setModelName(event.getModelName())
            .setId(event.getId())
            .addAllInputs(event.getInputsList())
            .addAllRawInputContents(event.getRawInputContentsList())
            .build();
    try (InferenceRequest request = new ProtocolMessages(json).decode(message)) {
      return json.encode(request);
    }
  }

  /** Labels in JSON: {@code {"labels": [{"id": …, "label": […]}, …]}}. */
  public static byte[] labels(LabelsRequest labels) {
    return ProtocolJson.write(
        out -> {
          out.writeArrayFieldStart("labels");
          for (LabelsRequest.Label label : labels.getLabelsList()) {
            out.writeStartObject();
            out.writeStringField("id", label.getId());
            out.writeArrayFieldStart("label");
            for (int i = 0; i < label.getLabelCount(); i++) {
              out.writeNumber(label.getLabel(i));
            }
            out.writeEndArray();
            out.writeEndObject();
          }
          out.writeEndArray();
        });
  }

  /** What the learner did with an event. */
  public static LearnResponse learned(InferenceResponse answer) {
    ModelInferResponse head = MessageWriter.head(answer);
    LearnResponse.Builder message =
        LearnResponse.newBuilder()
            .setModelName(head.getModelName())
            .setModelVersion(head.getModelVersion())
            .setId(head.getId())
            .putAllParameters(head.getParametersMap())
            .addAllOutputs(head.getOutputsList());
    for (InferenceResponse.Output output : answer.outputs()) {
      message.addRawOutputContents(UnsafeByteOperations.unsafeWrap(output.data()));
    }
    return message.build();
  }
}
