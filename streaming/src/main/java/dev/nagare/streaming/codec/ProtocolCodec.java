package dev.nagare.streaming.codec;

import dev.nagare.streaming.Refusal;
import dev.nagare.streaming.protocol.InferenceRequest;
import dev.nagare.streaming.protocol.ProtocolException;
import dev.nagare.streaming.protocol.ProtocolJson;
import dev.nagare.streaming.protocol.TensorData;
import dev.nagare.tensor.Shape;
import dev.nagare.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Requests of the Open Inference Protocol in JSON.
 *
 * <p>An observation has the input {@code row}, FP32 {@code [1, features]}, and for a classifier an
 * input with the label's name, FP32 or an integer datatype, {@code [1]} or {@code [1, 1]}. A
 * request with the input {@code window} is a question. A record may name its model in a member or
 * parameter {@code model_name}.
 */
final class ProtocolCodec implements RecordCodec {
  private static final String ROW = "row";
  private static final String WINDOW = "window";
  private static final int TOO_MANY_REQUESTS = 429;

  private final String model;
  private final RowFields fields;
  private final ProtocolJson json;
  private final Shape rowShape;
  private @Nullable String id;

  ProtocolCodec(String model, RowFields fields, ProtocolJson json) {
    this.model = model;
    this.fields = fields;
    this.json = json;
    this.rowShape = Shape.of(1, fields.features());
  }

  @Override
  public @Nullable InferenceRequest read(byte[] value, float[] row) {
    id = null;
    RowFields.requireSize(value);
    InferenceRequest request = decode(value);
    boolean question = false;
    try {
      question = isQuestion(request);
      if (!question) {
        observe(request, row);
        String given = request.id();
        id = given == null || given.isEmpty() ? null : given;
      }
    } finally {
      if (!question) {
        request.close();
      }
    }
    return question ? request : null;
  }

  @Override
  public @Nullable String id() {
    return id;
  }

  private InferenceRequest decode(byte[] value) {
    try {
      return json.decode(value, model, fields.label());
    } catch (ProtocolException e) {
      if (e.status() == TOO_MANY_REQUESTS) {
        throw e;
      }
      String message = String.valueOf(e.getMessage());
      throw new RefusedRecordException(refusal(e, message), message);
    }
  }

  private Refusal refusal(ProtocolException failure, String message) {
    return switch (failure.status()) {
      case 404 -> Refusal.UNKNOWN_MODEL;
      case 413 -> Refusal.OVERSIZE;
      default -> {
        if (failure.isMalformed()) {
          yield Refusal.MALFORMED;
        }
        // A refusal begins with the place that it is about.
        String label = fields.label();
        yield label != null && message.startsWith("input " + label + ":")
            ? Refusal.LABEL
            : Refusal.SCHEMA;
      }
    };
  }

  private static boolean isQuestion(InferenceRequest request) {
    for (TensorData input : request.inputs()) {
      if (input.name().equals(WINDOW)) {
        return true;
      }
    }
    return false;
  }

  private void observe(InferenceRequest request, float[] row) {
    Tensor values = null;
    Tensor label = null;
    for (TensorData input : request.inputs()) {
      if (input.name().equals(ROW)) {
        values = input.data();
      } else if (input.name().equals(fields.label())) {
        label = input.data();
      } else {
        throw new RefusedRecordException(
            Refusal.SCHEMA,
            "input "
                + RowFields.shortened(input.name())
                + ": unknown to model "
                + model
                + "; "
                + known());
      }
    }
    if (values == null) {
      throw new RefusedRecordException(Refusal.SCHEMA, "input row is missing; " + known());
    }
    if (!values.shape().equals(rowShape)) {
      throw new RefusedRecordException(
          Refusal.SCHEMA, "input row: expected FP32 " + rowShape + ", got FP32 " + values.shape());
    }
    values.copyTo(row, 0);
    if (fields.label() != null) {
      row[fields.features()] = labelOf(label);
    }
  }

  private float labelOf(@Nullable Tensor label) {
    if (label == null) {
      throw fields.unexpected(fields.features(), "no input of that name");
    }
    if (label.shape().elements() != 1 || label.shape().rank() > 2) {
      throw fields.unexpected(fields.features(), "a tensor of shape " + label.shape());
    }
    float value = label.toFloats()[0];
    fields.requireClass(value);
    return value;
  }

  private String known() {
    String label = fields.label();
    return "expected row"
        + (label == null ? "" : " and " + label)
        + " to learn from, or window to be answered";
  }
}
